"""Listening: what customers say, and the review that answers it."""
