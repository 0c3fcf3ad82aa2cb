"""Pretrained encoders and detectors by name: local files, or downloads with checksums."""
