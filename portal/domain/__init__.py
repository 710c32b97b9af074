"""The arithmetic of promises: pure functions on frozen values, the standard library only."""
