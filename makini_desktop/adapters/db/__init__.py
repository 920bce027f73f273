"""The store's memory between runs: one SQLite file in the profile folder.

`database` is the port's implementation, `at_start` the window's first look, `file` opens, checks and
migrates the file, `schema` says what is in it.
"""
