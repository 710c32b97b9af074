"""Rows and the questions asked of them: a session in, domain values out."""
