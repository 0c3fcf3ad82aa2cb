import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from jmere.files.locks import remove_abandoned, try_lock
from jmere.files.outputs import checked_suffix, keep_apart
from jmere.files.whole import write_json, written_whole

LINKS = {
    "itself": lambda path: path,
    "another spelling": lambda path: path.parent / "sub" / ".." / path.name,
    "a symbolic link": lambda path: linked(path, "symlink_to"),
    "a hard link": lambda path: linked(path, "hardlink_to"),
}


def linked(path, how):
    link = path.with_name("link.jsonl")
    getattr(link, how)(path)
    return link


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def posts(tmp_path):
    (tmp_path / "sub").mkdir()
    path = tmp_path / "posts.jsonl"
    path.write_text("posts\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("spelling", LINKS)
def test_an_output_that_is_an_input_is_refused(posts, spelling):
    with pytest.raises(ValueError, match=r"--output .*: would overwrite the input .*posts\.jsonl"):
        keep_apart({"--output": LINKS[spelling](posts)}, [None, posts])


def test_what_is_made_on_the_way_may_not_be_an_input(tmp_path):
    part = tmp_path / "out.jsonl.part"
    part.touch()
    with pytest.raises(ValueError, match=r"out\.jsonl\.part is made on the way"):
        keep_apart({"--output": tmp_path / "out.jsonl"}, [part])


def test_two_outputs_are_two_files(tmp_path):
    two = {"--output": tmp_path / "a" / ".." / "x.svg", "--picture": tmp_path / "x.svg"}
    (tmp_path / "a").mkdir()
    with pytest.raises(ValueError, match=r"--picture .*x\.svg: is the same file as --output"):
        keep_apart(two, [])


def test_a_folder_may_not_hold_its_input(posts):
    with pytest.raises(ValueError, match=r"this folder contains the input .*posts\.jsonl"):
        keep_apart({"--output": posts.parent}, [posts])


def test_other_files_and_devices_are_fine(posts, tmp_path):
    keep_apart({"--output": tmp_path / "new", "--picture": None}, [posts, "-", "no/such"])
    keep_apart({"--output": "/dev/null"}, ["/dev/null"])


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_the_mode_of_a_file_is_kept(tmp_path, mode):
    path = tmp_path / "a.json"
    path.touch()
    path.chmod(mode)
    write_json(path, 1)
    assert path.stat().st_mode & 0o777 == mode
    assert path.read_text(encoding="utf-8") == "1\n"


def test_a_link_stays_and_its_file_is_written(tmp_path):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "target.json", tmp_path / "link.json"
    link.symlink_to("far/target.json")
    for value in (1, 2):  # first it leads nowhere
        write_json(link, value)
        assert link.is_symlink()
        assert target.read_text(encoding="utf-8") == f"{value}\n"


def test_a_circle_of_links_and_a_folder_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for path in (tmp_path / "a", tmp_path):
        with pytest.raises(OSError, match=path.name):
            write_json(path, 1)
    assert names(tmp_path) == ["a", "b"]


def test_a_device_stays_a_device(tmp_path):
    write_json("/dev/null", 1)
    assert not Path("/dev/null").is_file()
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write_json(link, 1)
    assert link.is_symlink()


def test_a_pipe_is_written_to_and_only_when_all_went_well(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    with pytest.raises(TypeError), written_whole(pipe, binary=True) as stream:
        stream.writelines([b"half", "not bytes"])
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_json(pipe, 1)
    reader.join()
    assert read == [b"1\n"]
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_the_standard_output_goes_on_where_it_is(tmp_path, name):
    (tmp_path / "link").symlink_to("/dev/stdout")
    code = f"""
from jmere.files.whole import write_json
print("before"); write_json({name!r}, 1); print("after")
"""
    log = tmp_path / "log"
    log.write_text("first\n", encoding="utf-8")
    with log.open("a", encoding="utf-8") as stream:
        subprocess.run([sys.executable, "-c", code], check=True, stdout=stream, cwd=tmp_path)
    assert log.read_text(encoding="utf-8") == "first\nbefore\n1\nafter\n"


def test_the_next_run_removes_what_a_killed_one_left(tmp_path):
    path = tmp_path / "a.json"
    code = f"""
import os, signal
from jmere.files.whole import written_whole
with written_whole({str(path)!r}) as stream:
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(names(tmp_path)) == 1
    with written_whole(path), written_whole(tmp_path / "b"):  # of one alive nothing is removed
        write_json(tmp_path / "c", 1)
    assert names(tmp_path) == ["a.json", "b", "c"]


def test_a_file_is_abandoned_once_its_lock_is_gone(tmp_path):
    path = tmp_path / "part"
    with path.open("w") as stream:
        assert try_lock(stream.fileno())
        assert not remove_abandoned(path)
        with path.open("r+") as other:
            assert not try_lock(other.fileno())
    assert remove_abandoned(path)
    assert not remove_abandoned(path)


def test_the_suffix_of_a_drawing_is_checked():
    assert checked_suffix("a.PNG", (".png", ".svg")) == ".png"
    with pytest.raises(ValueError, match=r"a: cannot draw this; expected .png, .jpg or .gif"):
        checked_suffix("a", (".png", ".jpg", ".gif"))
