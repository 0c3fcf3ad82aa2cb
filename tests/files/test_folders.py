import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from jmere.files.folders import (
    MARKER,
    check_replaceable,
    folder_replaced,
    mark,
    recover_folder,
    replace_folder,
)


@pytest.fixture
def folders(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, encoding="utf-8")
    mark(tmp_path / "old")
    return tmp_path / "new", tmp_path / "old"


def test_a_folder_is_replaced(folders):
    new, old = folders
    replace_folder(new, old)
    assert (old / "file").read_text(encoding="utf-8") == "new"
    assert list(old.parent.iterdir()) == [old]


def test_a_replacement_cut_short_is_undone(folders):
    _, old = folders
    old.rename(old.with_name(".old.old"))
    assert recover_folder(old)
    assert (old / "file").read_text(encoding="utf-8") == "old"


def test_where_nothing_was_nothing_is_recovered(tmp_path):
    assert not recover_folder(tmp_path / "nothing")


def made(folder, *names):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


def content(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def replaced(folder):
    with folder_replaced(folder) as part:
        (part / "new").touch()


def test_an_empty_folder_and_one_that_was_made_here_are_replaced(tmp_path):
    folder = made(tmp_path / "out")
    folder.chmod(0o700)
    for _ in range(2):
        replaced(folder)
        assert sorted(content(folder)) == [MARKER, "new"]
    assert list(tmp_path.iterdir()) == [folder]
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / ".DS_Store").touch()
    replaced(folder)


@pytest.mark.parametrize("name", ["thesis.tex", "sub/thesis.tex", "config.json", "model.onnx"])
def test_a_folder_with_a_file_of_the_users_is_kept(tmp_path, name):
    for folder in (tmp_path / "theirs", tmp_path / "ours"):
        if folder.name == "ours":
            replaced(folder)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}", encoding="utf-8")
        before = content(folder)
        with pytest.raises(
            ValueError, match=f"{folder.name}: contains '{name}', which was not written by jmere"
        ):
            replaced(folder)
        assert content(folder) == before
    assert len(list(tmp_path.iterdir())) == 2


def test_a_link_and_a_file_in_the_way_are_kept(tmp_path):
    made(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "file").touch()
    for name, what in (("link", "is a link"), ("file", "is a file")):
        with pytest.raises(ValueError, match=f"{name}: {what}; expected a folder"):
            replaced(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link", "real"]


def test_a_models_folder_from_before_the_marker_is_known(tiny_model, tmp_path):
    old = shutil.copytree(tiny_model, tmp_path / "old")
    for later in (MARKER, "model.onnx"):
        (old / later).unlink()
    check_replaceable(old)
    (old / "README.md").touch()
    with pytest.raises(ValueError, match=r"contains 'README\.md'"):
        check_replaceable(old)


def test_a_neo4j_folder_from_before_the_marker_is_known(tmp_path):
    folder = made(tmp_path / "neo", "nodes.csv", "relationships.csv")
    with pytest.raises(ValueError, match=r"contains 'nodes\.csv'"):
        check_replaceable(folder)
    (folder / "nodes.csv").write_text("id:ID,label\n", encoding="utf-8")
    check_replaceable(folder)


def test_what_a_killed_run_left_is_removed(tmp_path):
    code = f"""
import os, signal
from pathlib import Path
from jmere.files.folders import folder_replaced
with folder_replaced({str(tmp_path / "out")!r}) as part:
    (part / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    with folder_replaced(tmp_path / "out") as part:
        replaced(tmp_path / "out")  # the other one is being written
        assert part.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_was_killed_before_it_had_a_marker_is_removed(tmp_path):
    empty = tmp_path / ".out.abcdefgh.jmere.part"
    empty.mkdir()
    full = tmp_path / ".out.ijklmnop.jmere.part"
    full.mkdir()
    (full / "a file of somebody").touch()
    replaced(tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == [full.name, "out"]
    assert (full / "a file of somebody").exists()


def test_a_new_folder_that_another_process_takes_is_made_again(tmp_path, monkeypatch):
    made_at, make = [], tempfile.mkdtemp

    def taken_at_first(**options):
        made_at.append(make(**options))
        if len(made_at) == 1:
            Path(made_at[0]).rmdir()
        return made_at[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", taken_at_first)
    replaced(tmp_path / "out")
    assert len(made_at) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
