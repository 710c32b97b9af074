"""A second, independent opinion on every number: brute force over seconds, standard library only, nothing of portal."""
