"""Statements: what the provider commits itself to when a period has ended, as one canonical document."""
