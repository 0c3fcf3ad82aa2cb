"""Training of the bundled dependency parser."""
