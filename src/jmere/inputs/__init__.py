"""Posts to tensors: prepared one by one, padded into batches."""
