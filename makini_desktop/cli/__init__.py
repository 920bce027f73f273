"""The command line: the same core as the window's, speaking on the terminal."""
