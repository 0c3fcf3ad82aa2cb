import numpy as np
import pytest

from jmere.vision.detect.resize import resize


def picture(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def plain(pixels, width, height):
    """Bilinear interpolation in real numbers, a pixel at a time."""
    old_height, old_width = pixels.shape[:2]
    result = np.zeros((height, width, pixels.shape[2]))
    for row, column in np.ndindex(height, width):
        y = np.clip((row + 0.5) * old_height / height - 0.5, 0, old_height - 1)
        x = np.clip((column + 0.5) * old_width / width - 0.5, 0, old_width - 1)
        for j, i in np.ndindex(2, 2):
            near = pixels[min(int(y) + j, old_height - 1), min(int(x) + i, old_width - 1)]
            share = (y % 1 if j else 1 - y % 1) * (x % 1 if i else 1 - x % 1)
            result[row, column] += near * share
    return result


@pytest.mark.parametrize(
    ("old", "new"), [((20, 30), (13, 9)), ((5, 4), (17, 11)), ((1, 1), (6, 3)), ((70, 3), (2, 8))]
)
def test_values_are_between_pixel_centres(old, new):
    pixels = picture(*old)
    made = resize(pixels, new[1], new[0])
    assert made.shape == (*new, 3)
    # Fixed point is off by less than one level.
    assert np.abs(made - plain(pixels, new[1], new[0])).max() < 1


def test_bytes_are_those_of_opencv():
    # cv2.resize(pixels, (7, 3), interpolation=cv2.INTER_LINEAR)[:, :, 0], OpenCV 4
    pixels = (np.arange(60).reshape(5, 12, 1) * 37 % 256).astype(np.uint8).repeat(3, axis=2)
    assert resize(pixels, 7, 3)[:, :, 0].tolist() == [
        [76, 54, 117, 181, 74, 58, 115],
        [133, 197, 59, 68, 131, 194, 93],
        [129, 83, 147, 167, 151, 81, 144],
    ]


def test_the_same_size_is_the_same_picture():
    pixels = picture(9, 14)
    assert resize(pixels, 14, 9) is pixels


def test_a_flat_picture_stays_flat():
    flat = np.full((33, 21, 3), 113, np.uint8)
    assert (resize(flat, 50, 77) == 113).all()
