"""What was measured or told: samples and runs, sealed days, records of others, and days summed up."""
