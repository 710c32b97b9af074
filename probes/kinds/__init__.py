"""The kinds of question a probe can ask."""
