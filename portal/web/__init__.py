"""Pages: a view parses, asks one use case, answers."""
