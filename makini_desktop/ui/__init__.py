"""The window, the tray and their looks; plain Qt, told by the store's events."""
