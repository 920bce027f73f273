"""Figures, each beside something outside the program in the same run: ``make bench``."""
