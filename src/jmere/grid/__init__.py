"""Word-pair grids: encode links and mentions as cells, decode scored cells."""
