"""Exact numbers, intervals of seconds, time zones, periods, currencies: what everything else is measured in."""
