"""Judging: promises and evidence brought together, before anything is committed to."""
