"""Measuring from outside: a stranger to the portal, sharing a wire format and nothing else."""
