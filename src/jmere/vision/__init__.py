"""Scene graphs from pixels: image decoding, object detection, relation prediction."""
