"""The start at login, as each system wants it entered."""
