"""What the program speaks in: connections, health, tokens, syncs, logins, errors."""
