from pathlib import Path

import pytest

from jmere.errors import DataError, Problem, nearest, refuse
from jmere.files.whole import cache_folder, resolve_inside, sha256_of, written_whole


def test_a_file_appears_whole(tmp_path):
    with written_whole(tmp_path / "new" / "a.txt") as stream:
        stream.write("é\n")
        assert not (tmp_path / "new" / "a.txt").exists()
    assert (tmp_path / "new" / "a.txt").read_bytes() == "é\n".encode()


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), written_whole(path, binary=True) as stream:
        stream.writelines([b"half", "not bytes"])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "b/../../a", "link/a"])
def test_a_path_may_not_leave_its_folder(tmp_path, name):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="is outside the folder"):
        resolve_inside(tmp_path / "in", name)


def test_a_path_inside_is_resolved(tmp_path):
    assert resolve_inside(tmp_path, "a/../b.jpg") == (tmp_path / "b.jpg").resolve()


def test_a_problem_says_where():
    assert str(Problem("a.jsonl", 3, "oops")) == "a.jsonl:3: oops"
    assert str(Problem("a.jsonl", None, "oops")) == "a.jsonl: oops"
    with pytest.raises(DataError, match=r"a\.jsonl:3: oops"):
        refuse(Problem("a.jsonl", 3, "oops"))


def test_the_nearest_name_is_told():
    assert nearest("membr_of", ["member_of", "peer"]) == "did you mean 'member_of'?"
    assert nearest("xyz", ["b", "a"]) == "known: a, b"


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"JMERE_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a/scenes"),
        ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/jmere/scenes"),
        ({"HOME": "/c"}, "/c/.cache/jmere/scenes"),
        ({"JMERE_CACHE": "~/a", "HOME": "/c"}, "/c/a/scenes"),
    ],
)
def test_the_cache_is_where_the_environment_says(monkeypatch, variables, folder):
    for name in ("JMERE_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder("scenes") == Path(folder)


def test_the_checksum_of_a_file(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")


def test_a_circle_of_links_is_an_error_of_the_file_system(tmp_path):
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(OSError, match="symbolic links"):
        resolve_inside(tmp_path, "one").stat()
