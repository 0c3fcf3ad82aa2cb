"""Graphs larger than memory: what posts say goes to a database that spills to disk."""
