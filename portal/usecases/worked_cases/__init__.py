"""Worked cases: a vectors file run through the engine, for whoever checks the arithmetic."""
