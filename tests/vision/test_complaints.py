"""What libtiff writes to stderr belongs to the picture, not to the terminal."""

import io
import os
import random
import re
import warnings

import numpy as np
import pytest

from jmere.vision.complaints import MAX_COMPLAINTS, MAX_LENGTH, complaints
from jmere.vision.image_decoding import decode_image
from jmere.vision.images import ImageError, read_picture

Image = pytest.importorskip("PIL.Image")


def tiff(compression):
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, "TIFF", compression=compression)
    return stream.getvalue()


def damaged(content, count):
    draw = random.Random(0)
    for _ in range(count):
        copy = bytearray(content)
        for _ in range(3):
            copy[draw.randrange(len(copy))] = draw.randrange(256)
        yield bytes(copy)


def told(content):
    """What the decoder said of a picture, whether it gave up or not."""
    try:
        return " ".join(decode_image(content).complaints)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("compression", ["tiff_lzw", "jpeg", "raw"])
def test_damaged_tiffs_write_nothing_to_stderr(capfd, caplog, compression):
    said = [told(content) for content in damaged(tiff(compression), 150)]
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert not any("\n" in line for line in said)
    if compression != "raw":
        assert any(re.search(r"decoder error -2; \S+: \w", line) for line in said)


def test_a_whole_tiff_has_no_complaint(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff("tiff_lzw"))
    assert read_picture("a.tif", folder=tmp_path).complaints == ()


def test_the_error_of_a_picture_tells_what_the_decoder_said(tmp_path):
    content = bytearray(tiff("tiff_lzw"))
    content[200:260] = b"\xff" * 60
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(ImageError, match=r"^a\.tif: cannot be decoded \(decoder error -2; .+\)"):
        read_picture("a.tif", folder=tmp_path)


def test_what_others_write_meanwhile_is_passed_on(capfd):
    heard = []
    with complaints(heard):
        os.write(2, b"TIFFReadDirectory: Warning, " + b"x" * 500 + b"\n12 posts\nLZWDecode: bad\n")
        warnings.warn("Truncated File Read", stacklevel=1)
        os.write(2, b"JPEGLib: one too many\n" * 5)
    assert capfd.readouterr().err == "12 posts\n"
    assert len(heard) == MAX_COMPLAINTS
    assert heard[0] == ("TIFFReadDirectory: Warning, " + "x" * 500)[:MAX_LENGTH]
    assert heard[1] == "LZWDecode: bad"
