"""A provider of any size and what it went through, from a seed: for benchmarks, tests and simulated years.

Every sample comes in by the door of every probe and says that it was generated (decision D13).
"""
