"""The parts of a drawn scene graph: words, letters, room, where all goes, and the legend."""
