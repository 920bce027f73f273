"""The few questions that stop the person."""
