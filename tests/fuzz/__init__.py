"""A fuzz harness: damaged and hostile files for everything that the package reads."""
