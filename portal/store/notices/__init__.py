"""What people were told and said: incidents, maintenance, exclusions, feedback."""
