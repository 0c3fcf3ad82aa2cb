"""Object detectors: the interface ``Detector`` and one file per family."""
