"""The parts that the main window places."""
