"""The parts models are made of: encoders, attention, channels and heads."""
