"""The configuration file `portal-config/1`: read whole, checked whole, applied in one transaction (decision D19)."""
