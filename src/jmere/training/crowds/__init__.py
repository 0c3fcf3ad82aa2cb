"""Training texts made of posts: varied, and several joined into one."""
