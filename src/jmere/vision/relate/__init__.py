"""Relations between the objects of a picture, from their names and where they are."""
