import numpy as np

from jmere.vision.detect.pooling import pool_boxes


def test_means_by_hand():
    features = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    boxes = np.array(
        [[0, 0, 1, 1], [0, 0, 0.25, 0.25], [0.5, 0.5, 1, 0.75], [0.125, 0, 0.375, 0.25]]
    )
    pooled = pool_boxes([features], boxes.astype(np.float32))
    np.testing.assert_allclose(pooled[:, 0], [7.5, 0, 10.5, 0.5], rtol=1e-5)


def test_maps_stand_side_by_side():
    maps = [np.ones((2, 3, 5), np.float32), np.full((3, 6, 10), 2, np.float32)]
    pooled = pool_boxes(maps, np.array([[0.2, 0.1, 0.9, 0.3]], np.float32))
    np.testing.assert_allclose(pooled, [[1, 1, 2, 2, 2]], rtol=1e-6)


def test_a_speck_takes_the_cell_it_is_in():
    features = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    specks = np.array([[0.6, 0.6, 0.6, 0.6], [1, 1, 1, 1], [0, 0, 0, 0]], np.float32)
    np.testing.assert_allclose(pool_boxes([features], specks)[:, 0], [10, 15, 0], rtol=1e-5)


def test_no_box_and_no_map_have_a_shape():
    features = np.ones((7, 2, 2), np.float32)
    assert pool_boxes([features], np.zeros((0, 4), np.float32)).shape == (0, 7)
    assert pool_boxes([], np.zeros((3, 4), np.float32)).shape == (3, 0)
