"""Explaining: the working of a figure as words, lines that add up, pieces of time and pictures."""
