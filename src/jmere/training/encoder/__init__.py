"""Continued pretraining of a text encoder on posts."""
