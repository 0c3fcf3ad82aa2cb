"""Drawings of knowledge graphs."""
