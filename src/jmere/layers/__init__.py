"""Layers of the models: encoders, attention, channels and heads."""
