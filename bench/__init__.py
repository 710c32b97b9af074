"""Measuring budgets: `python -m bench NAME` runs bench/NAME.py and prints each budget beside its measurement."""
