"""The ports made real, one package for each outside world."""
