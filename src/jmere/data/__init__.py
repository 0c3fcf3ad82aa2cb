"""Files to posts and back: one reader per data set, checked at the door."""
