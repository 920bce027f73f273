"""What is left of the tokens when the processes that renew them are killed."""
