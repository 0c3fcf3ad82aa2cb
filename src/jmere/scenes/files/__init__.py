"""Scene graphs of many images, from the files of scene-graph generators."""
