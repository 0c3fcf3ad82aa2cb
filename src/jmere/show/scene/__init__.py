"""Parts of drawn scene graphs: labels, fonts, free space, layout and legend."""
