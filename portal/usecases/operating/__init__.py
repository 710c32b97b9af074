"""Operating: what needs somebody now, whether the installation is well, and copies of its data."""
