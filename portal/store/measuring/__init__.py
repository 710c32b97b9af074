"""What is measured: services, probes and locations, and the schedules in force."""
