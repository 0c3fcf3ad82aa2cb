import pytest

from jmere.data.fields import RecordError
from jmere.data.readers.lines import Ids, decoded, numbered_lines


@pytest.fixture
def lines(tmp_path):
    def read(content, max_bytes=10):
        path = tmp_path / "text"
        path.write_bytes(content)
        return list(numbered_lines(path, max_bytes=max_bytes))

    return read


def test_lines_end_at_line_feeds_and_nowhere_else(lines):
    assert lines("a\x0b\u2028b\rc\r\n\nd".encode()) == [
        (1, "a\x0b\u2028b\rc".encode()), (2, b""), (3, b"d"),
    ]  # fmt: skip


def test_only_the_files_first_byte_order_mark_goes(lines):
    assert lines(b"\xef\xbb\xbfa\n\xef\xbb\xbfb") == [(1, b"a"), (2, b"\xef\xbb\xbfb")]


@pytest.mark.parametrize("length", [9, 10, 11, 12, 13, 14, 25, 26, 27, 39, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_long_line_counts_as_one_and_is_known_as_too_long(lines, length, end):
    found = lines(b"x" * length + end + b"next")

    assert [number for number, _ in found] == [1, 2]
    assert found[1][1] == b"next"
    if length <= 10:
        assert decoded(found[0][1], max_bytes=10) == "x" * length
    else:
        with pytest.raises(RecordError, match="longer than 10 bytes"):
            decoded(found[0][1], max_bytes=10)


def test_ids_are_unique_even_where_an_image_is_named_like_one():
    ids = Ids()

    found = [ids.unique(image, 7) for image in ("a.jpg", "a.jpg", "a-2.jpg", "a.png", None, None)]

    assert found == ["a", "a-2", "a-2-2", "a-3", "line-7", "line-7-2"]
