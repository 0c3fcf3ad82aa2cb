"""Readers and writers of posts and predictions, and readers of published datasets."""
