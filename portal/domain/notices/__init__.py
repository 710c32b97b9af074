"""What people tell each other: incidents, feedback, and refusals in sentences."""
