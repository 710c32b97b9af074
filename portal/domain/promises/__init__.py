"""What is promised: terms, commitments, methodologies, credit schedules, contracts."""
