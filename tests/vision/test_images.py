import io
import os
import pathlib
import struct
import subprocess
import sys
import threading
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from jmere.vision.images import ImageError, open_picture, read_picture

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def saved(image, form, **options):
    """The bytes of an image in a file."""
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def photograph(width=64, height=48):
    """Colours that change smoothly, as JPEG likes them."""
    y, x = np.mgrid[0:height, 0:width]
    channels = [x * 255 // width, y * 255 // height, (x + y) % 256]
    return Image.fromarray(np.stack(channels, axis=2).astype(np.uint8))


def corners(image):
    """A picture without symmetry: red top left, green top right, blue bottom left."""
    image = Image.new("RGB", (40, 24), "white") if image is None else image
    for colour, box in ((RED, (0, 0, 16, 8)), (GREEN, (24, 0, 40, 8)), (BLUE, (0, 16, 16, 24))):
        image.paste(colour, box)
    return image


def png(width, height, *, bits=8, colour=2, chunks=()):
    """A PNG with a header, the chunks given and almost no pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def pixel(source, x=0, y=0):
    return tuple(read_picture(source).pixels[y, x].tolist())


# Sources


def test_a_path_its_bytes_an_image_and_an_array_are_the_same_picture(tmp_path):
    image = photograph()
    path = tmp_path / "a.png"
    image.save(path)
    content = path.read_bytes()
    sources = [path, str(path), content, bytearray(content), memoryview(content), image]
    pictures = [read_picture(source) for source in [*sources, np.asarray(image)]]
    for picture in pictures:
        np.testing.assert_array_equal(picture.pixels, np.asarray(image))
        assert picture.pixels.dtype == np.uint8
        assert picture.size == (64, 48)
    assert len({picture.digest for picture in pictures[:5]}) == 1
    assert pictures[5].digest == pictures[6].digest != pictures[0].digest


def test_the_digest_is_known_before_anything_is_decoded(tmp_path):
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"not a picture")
    opened = open_picture(path)
    assert len(opened.digest) == 64
    with pytest.raises(ImageError, match=r"broken\.jpg: is not an image; expected JPEG, PNG"):
        opened.decode()


def test_digests_differ_where_pixels_or_shapes_do():
    flat = np.zeros((4, 6, 3), np.uint8)
    other = flat.copy()
    other[0, 0, 0] = 1
    sources = [flat, other, flat.reshape(6, 4, 3), Image.new("P", (9, 9)), np.zeros((3, 3))]
    assert len({open_picture(source).digest for source in sources}) == len(sources)


def test_two_images_alike_but_for_their_palette_have_two_digests():
    red, blue = Image.new("P", (4, 4)), Image.new("P", (4, 4))
    red.putpalette([255, 0, 0])
    blue.putpalette([0, 0, 255])
    assert open_picture(red).digest != open_picture(blue).digest
    assert (pixel(red), pixel(blue)) == (RED, BLUE)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.full((2, 3), 7, np.uint8), (7, 7, 7)),
        (np.full((2, 3, 1), 7, np.uint8), (7, 7, 7)),
        (np.full((2, 3, 3), (1, 2, 3), np.uint8), (1, 2, 3)),
        (np.full((2, 3, 4), (255, 0, 0, 0), np.uint8), WHITE),
        (np.full((2, 3, 4), (255, 0, 0, 255), np.uint8), RED),
        (np.full((2, 3), 0.5), (128, 128, 128)),
        (np.full((2, 3, 3), (0, 0.2, 1), np.float16), (0, 51, 255)),
        (np.full((2, 3, 4), (0, 0, 1, 0.5), np.float32), (127, 127, 255)),
    ],
)
def test_arrays_of_gray_colour_and_opacity(values, expected):
    picture = read_picture(values)
    assert picture.size == (3, 2)
    assert tuple(picture.pixels[1, 2].tolist()) == expected
    assert picture.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(5, np.uint8), r"the shape \(5,\); expected height x width"),
        (np.zeros((3, 20, 30), np.uint8), r"the shape \(3, 20, 30\)"),
        (np.zeros((2, 2, 2), np.uint8), "1, 3 or 4 channels"),
        (np.zeros((0, 5, 3), np.uint8), "5 x 0 pixels; expected at least one"),
        (np.zeros((2, 2), np.int64), "contains int64; expected uint8, or floats"),
        (np.zeros((2, 2), bool), "contains bool"),
        (np.full((2, 2), 1.5), "floats outside 0 to 1"),
        (np.full((2, 2), np.nan), "floats outside 0 to 1"),
    ],
)
def test_other_arrays_are_refused(values, message):
    with pytest.raises(ImageError, match=f"picture given as an array: .*{message}"):
        open_picture(values)


@pytest.mark.parametrize("source", [None, 3, ["a.jpg"], io.BytesIO()])
def test_other_things_are_refused(source):
    with pytest.raises(ImageError, match="expected a path, bytes, a Pillow image or a NumPy array"):
        open_picture(source)


@pytest.mark.parametrize(
    "address",
    [
        "http://a.org/b.jpg",
        "HTTPS://a.org",
        "s3://bucket/key",
        "data:image/png;base64," + "A" * 999,
    ],
)
def test_an_address_is_never_fetched(address):
    with pytest.raises(ImageError, match="is a URL, and images are not downloaded") as caught:
        open_picture(address)
    assert len(str(caught.value)) < 200


# Files


def test_relative_paths_start_in_the_folder_and_stay_there(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    photograph().save(folder / "a.png")
    photograph().save(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    assert read_picture("a.png", folder=folder).size == (64, 48)
    assert read_picture(pathlib.Path("a.png"), folder=folder).size == (64, 48)
    for name in ("../secret.png", str(tmp_path / "secret.png"), "link.png"):
        with pytest.raises(ImageError, match=r"secret\.png|link\.png: is outside"):
            open_picture(name, folder=folder)


@pytest.mark.parametrize("name", ["none.jpg", "none/at/all.jpg", "a\0b.jpg", "x" * 5000, ""])
def test_what_is_not_there_is_one_line(tmp_path, name):
    with pytest.raises(ImageError) as caught:
        open_picture(name, folder=tmp_path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    with pytest.raises(ImageError):
        open_picture(os.path.join(tmp_path, name))  # noqa: PTH118


def test_folders_pipes_and_devices_are_refused_at_once(tmp_path):
    with pytest.raises(ImageError, match="is a folder; expected an image"):
        open_picture(tmp_path)
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(ImageError, match="is not a regular file"):
        open_picture(tmp_path / "pipe.jpg")
    with pytest.raises(ImageError, match="is not a regular file"):
        open_picture("/dev/zero")


def test_an_enormous_file_is_refused_unread(tmp_path):
    path = tmp_path / "large.tif"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(
        ImageError, match="has 1,099,511,627,776 bytes; expected at most 268,435,456"
    ):
        open_picture(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"hello" * 100, "is not an image"),
        (b"%PDF-1.7\n%...", "is not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "is not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "is not an image"),
        (b"\xff\xd8\xff" + bytes(50), "is not an image"),
        (b"GIF89a" + bytes(3), "is not an image"),
        (b"\x89PNG\r\n\x1a\n", "is not an image"),
    ],
)
def test_what_is_no_picture_is_refused(content, message):
    with pytest.raises(ImageError, match=f"picture given as bytes: {message}"):
        read_picture(content)


# Formats and modes


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "MPO"])
def test_every_format_is_read(form):
    picture = read_picture(saved(Image.new("RGB", (20, 10), RED), form))
    assert picture.size == (20, 10)
    np.testing.assert_allclose(picture.pixels[5, 5], RED, atol=3)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(form, share):
    content = saved(photograph(400, 300), form)
    with pytest.raises(ImageError, match=r"cannot be decoded|is not an image"):
        read_picture(content[: int(share * len(content))])


def test_bytes_changed_anywhere_end_in_a_picture_or_in_one_error():
    chance = np.random.default_rng(0)
    for form in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"):
        whole = np.frombuffer(saved(photograph(), form), np.uint8)
        for _ in range(60):
            damaged = whole.copy()
            places = chance.integers(0, min(len(whole), 400), 4)
            damaged[places] = chance.integers(0, 256, 4)
            with suppress(ImageError):
                read_picture(damaged.tobytes(), max_pixels=10**6)


def test_one_pixel():
    np.testing.assert_array_equal(
        read_picture(saved(Image.new("RGB", (1, 1), GREEN), "PNG")).pixels, [[GREEN]]
    )


def test_a_hundred_megapixels_are_read_without_a_warning():
    content = saved(Image.new("L", (10_000, 10_000), 9), "PNG")
    assert read_picture(content).size == (10_000, 10_000)


def test_too_many_pixels_are_refused_before_any_is_decoded():
    with pytest.raises(ImageError, match="has 15000 x 10000 pixels; expected at most 120,000,000"):
        read_picture(png(15_000, 10_000))
    with pytest.raises(ImageError, match="has too many pixels; expected at most 120,000,000"):
        read_picture(png(2_000_000, 2_000_000))
    with pytest.raises(ImageError, match="has 64 x 48 pixels; expected at most 1,000"):
        read_picture(photograph(), max_pixels=1000)
    with pytest.raises(ImageError, match="has 64 x 48 pixels"):
        read_picture(np.asarray(photograph()), max_pixels=1000)


def test_cmyk_as_in_print():
    cyan = saved(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), "JPEG")
    np.testing.assert_allclose(read_picture(cyan).pixels[8, 8], (0, 255, 255), atol=3)


def test_sixteen_bits_are_cut_to_the_higher_eight():
    values = np.array([[0, 0x0080, 0x1234, 0x8000, 0xFFFF]], np.uint16)
    for form in ("PNG", "TIFF"):
        gray = read_picture(saved(Image.fromarray(values), form)).pixels
        assert gray[0, :, 0].tolist() == [0, 0, 0x12, 0x80, 0xFF]
        assert (gray == gray[:, :, :1]).all()


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (np.array([[0, 100, 255]], np.int32), [0, 100, 255]),
        (np.array([[0, 65535]], np.int32), [0, 255]),
        (np.array([[-1000, 0, 1000]], np.int32), [0, 127, 255]),
        (np.array([[0, 2**31 - 1]], np.int32), [0, 255]),
        (np.array([[0, 0.5, 1]], np.float32), [0, 127, 255]),
        (np.array([[0, 100, 255]], np.float32), [0, 100, 255]),
        (np.array([[-3e38, 3e38]], np.float32), [0, 255]),
        (np.array([[np.nan, np.inf, 1]], np.float32), [0, 0, 255]),
        (np.array([[-5, -5]], np.float32), [0, 0]),
    ],
)
def test_long_numbers_and_floats_spread_over_the_range_they_keep_to(values, levels):
    assert read_picture(saved(Image.fromarray(values), "TIFF")).pixels[0, :, 0].tolist() == levels


def test_what_is_transparent_is_white():
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    half = Image.new("RGBA", (4, 4), (255, 0, 0, 128))
    gray = Image.new("LA", (4, 4), (0, 0))
    palette = Image.new("P", (4, 4))
    palette.putpalette([*RED, *BLUE])
    palette.putpixel((1, 0), 1)
    assert pixel(saved(clear, "PNG")) == WHITE
    np.testing.assert_allclose(pixel(saved(half, "WEBP", lossless=True)), (255, 127, 127), atol=1)
    assert pixel(saved(gray, "PNG")) == WHITE
    for form in ("PNG", "GIF"):
        seen = saved(palette, form, transparency=0)
        assert (pixel(seen), pixel(seen, x=1)) == (WHITE, BLUE)
        assert pixel(saved(palette, form)) == RED
    keyed = saved(Image.new("RGB", (4, 4), RED), "PNG", transparency=RED)
    assert pixel(keyed) == WHITE
    assert pixel(saved(Image.new("L", (4, 4), 3), "PNG", transparency=3)) == WHITE


def test_black_and_white():
    image = Image.new("1", (9, 9))
    image.putpixel((4, 4), 1)
    for form in ("PNG", "TIFF"):
        content = saved(image, form)
        assert (pixel(content, 4, 4), pixel(content)) == (WHITE, (0, 0, 0))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_picture_is_read(form):
    frames = [Image.new("RGB", (12, 8), colour) for colour in (RED, GREEN, BLUE)]
    options = {"lossless": True} if form == "WEBP" else {}
    content = saved(frames[0], form, save_all=True, append_images=frames[1:], **options)
    np.testing.assert_allclose(pixel(content), RED, atol=2)


# Upright


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "MPO"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(form, orientation):
    from PIL.Image import Transpose as T  # noqa: N817

    inverse = [
        None, T.FLIP_LEFT_RIGHT, T.ROTATE_180, T.FLIP_TOP_BOTTOM, T.TRANSPOSE, T.ROTATE_90,
        T.TRANSVERSE, T.ROTATE_270,
    ][orientation - 1]  # fmt: skip
    upright = corners(None)
    lying = upright if inverse is None else upright.transpose(inverse)
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(lying, form, exif=exif, **({"quality": 95} if form != "PNG" else {}))
    picture = read_picture(content)
    assert picture.size == (40, 24)
    for (x, y), colour in {(4, 3): RED, (36, 3): GREEN, (4, 21): BLUE, (36, 21): WHITE}.items():
        np.testing.assert_allclose(picture.pixels[y, x], colour, atol=40)


def test_an_image_of_pillow_s_is_turned_upright_too_and_stays_as_it_was():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(io.BytesIO(saved(photograph(), "JPEG", exif=exif)))
    assert read_picture(image).size == (48, 64)
    assert image.size == (64, 48)


@pytest.mark.parametrize("exif", [b"Exif\0\0broken", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"])
def test_broken_exif_is_ignored(exif):
    jpeg = saved(photograph(), "JPEG", exif=exif)
    assert read_picture(jpeg).size == (64, 48)
    plain = png(3, 3, chunks=[(b"eXIf", exif[6:] or b"?")])
    assert read_picture(plain).size == (3, 3)


@pytest.mark.parametrize("value", ["6", 77, (6, 6), b"\x06"])
def test_an_orientation_that_is_none_is_ignored(value):
    image = photograph()
    image.getexif()[0x0112] = value
    assert read_picture(image).size == (64, 48)


# Company


def test_one_image_in_many_threads_is_read_whole_each_time():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(io.BytesIO(saved(photograph(640, 480), "PNG", exif=exif)))
    digests, bombs = [], png(10_000, 9_500)

    def work():
        digests.append(open_picture(image).digest)
        with pytest.raises(ImageError, match="image file is truncated"):
            read_picture(bombs)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(digests) == 8
    assert len(set(digests)) == 1


def test_importing_costs_no_pillow_and_its_settings_are_left_alone(shared):
    code = (
        "import sys, jmere.vision.images as images; assert 'PIL' not in sys.modules;"
        "import PIL.Image as image, PIL.ImageFile as file;"
        "images.read_picture(sys.argv[1]);"
        "assert image.MAX_IMAGE_PIXELS == 1024 * 1024 * 1024 // 4 // 3;"
        "assert file.LOAD_TRUNCATED_IMAGES is False"
    )
    path = str(shared / "images" / "chelsea.jpg")
    subprocess.run([sys.executable, "-W", "error", "-c", code, path], check=True)


def test_a_photograph_is_read_as_pillow_reads_it(shared):
    path = shared / "images" / "pets.jpg"
    with Image.open(path) as image:
        np.testing.assert_array_equal(read_picture(path).pixels, np.asarray(image.convert("RGB")))
