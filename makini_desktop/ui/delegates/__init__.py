"""What paints the cells of a view."""
