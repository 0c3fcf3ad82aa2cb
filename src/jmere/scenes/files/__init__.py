"""Scene-graph files of many images."""
