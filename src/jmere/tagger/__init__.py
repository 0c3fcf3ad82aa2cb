"""A model with everything it needs to read posts, and the folder it is saved in."""
