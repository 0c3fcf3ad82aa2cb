"""What is left of commands that are killed, and of those whose disk is full."""
