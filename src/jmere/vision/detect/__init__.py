"""Objects of a picture: one interface, ``Detector``, and a file for each kind of network."""
