"""A simulated year: a provider of any size with what it measured, closed, corrected, owed and was told, from a seed.

Everything comes in by the doors of real evidence and real people, month by month, and every month is closed by the
ordinary close. A fixture for tests and benchmarks; all of it says that it was generated (decision D13).
"""
