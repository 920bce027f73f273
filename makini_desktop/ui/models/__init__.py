"""What views read: the list of connections in the order shown, and a detail's tables."""
