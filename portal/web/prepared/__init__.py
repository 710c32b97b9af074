"""Public pages and feeds as prepared bytes: made once when what they show changes, only looked up by requests."""
