"""What every deed stands on: whose rows it may touch, the account kept of it, and what people type, made clean."""
