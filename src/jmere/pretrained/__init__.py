"""Pretrained parts by name: text encoders and detectors, found here or downloaded and checked."""
