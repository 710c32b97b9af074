"""What is asked not to count: planned work, exclusions, records of outages, each with two persons and its effect."""
