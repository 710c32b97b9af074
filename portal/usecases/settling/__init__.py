"""Settling: statements as they stand, and what they owe: credits, claims, disputes."""
