"""Word-pair grids: links and mentions into cells, and scored cells back into them."""
