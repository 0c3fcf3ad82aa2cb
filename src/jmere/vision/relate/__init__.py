"""Relations between detected objects, predicted from their labels and boxes."""
