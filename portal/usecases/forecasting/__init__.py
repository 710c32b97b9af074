"""Forecasts: what may still become of open periods, by what happened before; statistics, never a contractual number."""
