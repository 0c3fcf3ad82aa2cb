"""Synthetic data sets: the controlled world, and a tiny one for smoke tests."""
