"""Closing: a period becomes a statement, proven, revised with a reason, printed, and kept as long as it must be."""
