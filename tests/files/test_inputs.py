import bz2
import gzip
import io
import json
import os
import subprocess
import sys
import threading

import pytest

from jmere.data.jsonl import read_posts
from jmere.data.predictions import read_predictions
from jmere.data.readers.conll import read_conll
from jmere.data.readers.jmere import read_release
from jmere.data.readers.lines import decoded, numbered_lines
from jmere.data.readers.mnre import read_mnre
from jmere.data.transforms import read_captions
from jmere.data.validate import problems
from jmere.errors import DataError
from jmere.files.inputs import check_inputs, opened, read_input_text

POST = '{"id": "a", "text": "Ann"}\n'
PAIR = (
    "{'token': ['Ann', 'in', 'Oslo'], 'h': {'pos': [0, 1]}, 't': {'pos': [2, 3]}, "
    "'relation': '/per/loc/place_of_birth'}\n"
)
READERS = {
    "posts": (read_posts, POST),
    "predictions": (read_predictions, POST),
    "mnre": (lambda path: read_mnre(path, merge="v1"), PAIR),
    "conll": (read_conll, "IMGID:1\nAnn\tB-PER\n"),
    "release": (read_release, json.dumps([{"token": ["a"], "label_list": []}])),
    "captions": (lambda path: read_captions(path).items(), "a.jpg :a dog\n"),
}


@pytest.fixture(params=READERS)
def reader(request):
    return READERS[request.param]


@pytest.fixture
def file(tmp_path):
    def write(content, name="input"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_every_reader_reads_gzip_whatever_its_name(reader, file):
    read, text = reader
    expected = list(read(file(text.encode(), "plain")))

    assert len(expected) == 1
    assert list(read(file(gzip.compress(text.encode())))) == expected


def test_every_reader_reads_a_pipe_once(reader, tmp_path):
    read, text = reader
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_text, args=(text,))
    writer.start()
    assert len(list(read(fifo))) == 1
    writer.join()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_reader_reads_standard_input_and_leaves_it_open(reader, monkeypatch, pack):
    read, text = reader
    stdin = io.TextIOWrapper(io.BytesIO(pack(text.encode())))
    monkeypatch.setattr(sys, "stdin", stdin)

    assert len(list(read("-"))) == 1
    assert stdin.read() == ""


@pytest.mark.parametrize("source", ["-", "/dev/stdin"])
def test_the_command_line_reads_standard_input(source):
    command = [sys.executable, "-m", "jmere", "data", "stats", source, "--json"]
    done = subprocess.run(command, input=POST, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["samples"] == 1


def test_process_substitution_is_read():
    command = f"{sys.executable} -m jmere data validate <(printf '%s' '{POST.strip()}')"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(": 0 problems\n")


def test_files_packed_one_after_the_other_are_one(file):
    path = file(gzip.compress(b"a\nb") + gzip.compress(b"c\nd\n"))
    assert list(numbered_lines(path)) == [(1, b"a"), (2, b"bc"), (3, b"d")]


@pytest.mark.parametrize("cut", [3, 12, 40, -9, -1])
def test_damaged_gzip_is_one_line_after_what_could_be_read(file, cut):
    content = gzip.compress("".join(f"{n} {n * n}\n" for n in range(50)).encode())
    read = []
    with pytest.raises(DataError, match=r"input:\d+: damaged gzip: ") as caught:
        read.extend(numbered_lines(file(content[:cut])))
    assert "\n" not in str(caught.value)
    assert [number for number, _ in read] == list(range(1, len(read) + 1))


def test_bytes_changed_inside_gzip_are_told(file):
    content = bytearray(gzip.compress(os.urandom(1000)))
    content[300] ^= 0xFF
    with pytest.raises(DataError, match="damaged gzip"):
        list(numbered_lines(file(bytes(content))))


def test_what_unpacks_to_far_more_than_text_is_refused(file):
    bomb = gzip.compress(b"0" * (1 << 27))
    with pytest.raises(DataError, match=r"input:1: unpacks to more than 200 times its size"):
        list(numbered_lines(file(bomb), max_bytes=100))
    with pytest.raises(DataError, match="unpacks to more than 200 times"):
        read_input_text(file(bomb))


def test_validate_tells_of_a_damaged_file(file):
    path = file(gzip.compress(POST.encode() * 3)[:-5])
    assert [each.message.partition(":")[0] for each in problems(path)][-1] == "damaged gzip"


def test_other_compression_is_named(file):
    with pytest.raises(DataError, match=r"is compressed \(bzip2\); expected text"):
        list(numbered_lines(file(bz2.compress(b"text"))))


def test_a_line_without_an_end_is_refused(monkeypatch, file):
    monkeypatch.setattr("jmere.data.readers.lines.MAX_LINE", 1000)
    with pytest.raises(DataError, match=r"input:2: a line of more than 1,000 bytes"):
        list(numbered_lines(file(b"a\n" + b"x" * 2000), max_bytes=10))


def test_utf_16_is_named(file):
    [(_, raw), *_] = numbered_lines(file(POST.encode("utf-16")))
    with pytest.raises(ValueError, match="the file is UTF-16; expected UTF-8"):
        decoded(raw)


def test_inputs_are_checked_without_being_read(file, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    check_inputs("-", file(b""), tmp_path / "fifo")
    with pytest.raises(FileNotFoundError, match="absent"):
        check_inputs("-", tmp_path / "absent")
    with pytest.raises(IsADirectoryError, match="is a folder; expected a file"):
        check_inputs(tmp_path)
    with pytest.raises(ValueError, match="standard input can be read once"):
        check_inputs("-", "-")


def test_an_absent_file_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError), opened(tmp_path / "absent"):
        pass
