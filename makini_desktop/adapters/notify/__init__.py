"""Desktop notifications, by what each system offers."""
