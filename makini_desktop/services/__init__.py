"""What the program does: watching, reconnecting, syncing, alerting; I/O only through ports."""
