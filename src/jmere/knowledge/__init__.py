"""Knowledge graphs from the quintuples of many posts: merging, provenance, writing, drawing."""
