"""Pieces of files: together they have each line and each row once."""

import gzip
import io
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.data.readers.lines import lines_between
from jmere.data.tables.columns import Columns
from jmere.errors import DataError
from jmere.ray.file_pieces import JSONL, PARQUET, Piece, form_of, part_size
from jmere.ray.piece_posts import read_piece
from jmere.ray.places import InputFile, file_system, found_files
from jmere.ray.run_inputs import RunInputs

pytest.importorskip("fsspec", reason="needs the extra ray")


@given(
    st.lists(st.sampled_from([b"", b"a", b"bc\r", "ä€".encode(), b"x" * 40])),
    st.sampled_from([b"", b"last"]),
    st.lists(st.integers(0, 200)),
)
def test_ranges_of_bytes_have_each_line_once(lines, last, cuts):
    data = b"".join(line + b"\n" for line in lines) + last
    ends = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    found = [
        line
        for start, stop in pairwise(ends)
        for _, line in lines_between(io.BufferedReader(io.BytesIO(data)), start, stop, path="")
    ]
    expected = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    assert found == (expected if data and expected[-1] else expected[:-1])


def all_posts(pattern, size, columns=Columns()):  # noqa: B008
    inputs, problems = RunInputs.found(str(pattern)), []
    posts = [
        post
        for piece in inputs.pieces(size)
        for post in read_piece(piece, form=inputs.form, columns=columns, on_problem=problems.append)
    ]
    return posts, [str(problem) for problem in problems]


@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_lines_of_all_pieces_are_those_of_the_file(tmp_path, size):
    lines = [json.dumps({"id": str(number), "text": "Bonn wins"}) for number in range(9)]
    (tmp_path / "a.jsonl").write_text("\ufeff" + "\n\n".join(lines))
    posts, problems = all_posts(tmp_path / "a.jsonl", size)
    assert [post.id for post in posts] == [str(number) for number in range(9)]
    assert problems == []


def test_a_bad_line_is_told_by_its_number_or_its_place(tmp_path):
    good = json.dumps({"id": "1", "text": "Bonn"}) + "\n"
    (tmp_path / "a.jsonl").write_text(good + "{}\n" + good * 3 + "[]\n")
    posts, problems = all_posts(tmp_path / "a.jsonl", 60)
    assert len(posts) == 4
    where = len(good) * 4 + 3
    assert problems == [
        f"{tmp_path}/a.jsonl:2: missing 'text' or 'tokens'",
        f"{tmp_path}/a.jsonl:2: missing 'id'",
        f"{tmp_path}/a.jsonl: line at byte {where}: expected an object, got []",
    ]


def test_a_compressed_file_is_one_piece(tmp_path):
    with gzip.open(tmp_path / "a.jsonl.gz", "wt") as stream:
        stream.write('{"id": 1, "text": "Bonn"}\n' * 5)
    assert len(all_posts(tmp_path / "a.jsonl.gz", 10)[0]) == 5


def test_a_bomb_is_refused(tmp_path):
    with gzip.open(tmp_path / "a.jsonl.gz", "wb") as stream:
        for _ in range(100):
            stream.write(b" " * (1 << 20) + b"\n")
    with pytest.raises(DataError, match="unpacks to more than"):
        all_posts(tmp_path / "a.jsonl.gz", 10)


@pytest.mark.parametrize("size", [1, 4, 100])
def test_rows_of_all_pieces_are_those_of_the_table(tmp_path, size):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table({"tweet": [f"Bonn {n}" for n in range(11)], "likes": range(11)})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=3)
    columns = Columns.parse("text=tweet", "likes")
    posts, _ = all_posts(tmp_path / "a.parquet", size, columns)
    assert [(each.id, each.kept["likes"]) for each in posts] == [
        (f"row-{n + 1}", n) for n in range(11)
    ]


def test_a_damaged_table_is_told_in_one_line(tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + b"x" * 40 + b"PAR1")
    with pytest.raises(DataError, match=r"a\.parquet: "):
        RunInputs.found(str(tmp_path / "a.parquet")).pieces(3)
    piece = Piece(0, str(tmp_path / "a.parquet"), 0, 3)
    with pytest.raises(DataError, match=r"a\.parquet: "):
        list(read_piece(piece, form=PARQUET, columns=Columns(), on_problem=print))


def test_files_are_of_one_format():
    assert form_of([InputFile("a.jsonl", 1), InputFile("b.JSONL.gz", 1)]) == JSONL
    with pytest.raises(ValueError, match=r"a\.jsonl and b\.parquet differ in format"):
        form_of([InputFile("a.jsonl", 1), InputFile("b.parquet", 1)])
    with pytest.raises(ValueError, match=r"a\.csv: --engine ray reads \.jsonl"):
        form_of([InputFile("a.csv", 1)])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("http://localhost/posts.jsonl", "protocol 'http' is not read or written; known: "),
        ("simplecache::s3://b/posts.jsonl", "a chain of protocols is not read"),
        ("memry://b/posts.jsonl", "did you mean 'memory'"),
        ("memory://a/x::memory://b", "a chain of protocols is not read"),
    ],
)
def test_addresses_of_other_protocols_are_refused(name, message):
    with pytest.raises(ValueError, match=message):
        file_system(name)


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"\*\.jsonl: no such file"):
        found_files(f"{tmp_path}/*.jsonl")
    with pytest.raises(IsADirectoryError, match="is a folder; expected files"):
        found_files(str(tmp_path))


def test_a_name_with_signs_of_a_pattern_is_a_name(tmp_path):
    (tmp_path / "a[1].jsonl").write_text("{}")
    (tmp_path / "a1.jsonl").write_text("{}")
    assert [each.name for each in found_files(f"{tmp_path}/a[1].jsonl")] == [
        f"{tmp_path}/a[1].jsonl"
    ]


def test_parts_are_small_enough_for_all_workers_to_have_some():
    assert part_size(100_000, 1, workers=10) == 1250
    assert part_size(10**9, 1, workers=10) == 16_384
    assert part_size(100, 1, workers=10) == 512
