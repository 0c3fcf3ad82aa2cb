"""Data is on the disk before its name is; a disk without room is named; kills leave no rest."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from jmere.files.durable import naming, sync_tree
from jmere.files.folders import MARKER, folder_replaced, mark, recover_folder
from jmere.files.resumable import ResumableLines, StreamLines, discard_state
from jmere.files.whole import write_json, written_whole


@pytest.fixture
def calls(monkeypatch):
    """What is flushed and renamed, in order."""
    found = []

    def record(name, real):
        def call(what, *more, **options):
            number = isinstance(what, int)
            path = Path(f"/proc/self/fd/{what}").readlink() if number else Path(what)
            found.append((name, path.name))
            return real(what, *more, **options)

        return call

    monkeypatch.setattr(os, "fsync", record("fsync", os.fsync))
    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, record("rename", getattr(os, name)))
    return found


def test_a_file_is_flushed_then_renamed_then_its_folder_is_flushed(calls, tmp_path):
    write_json(tmp_path / "a.json", {})
    (first, temporary), (second, renamed), (third, folder) = calls
    assert (first, second, third) == ("fsync", "rename", "fsync")
    assert temporary == renamed
    assert temporary.startswith(".a.json.")
    assert folder == tmp_path.name


def test_what_can_be_made_again_is_not_waited_for(calls, tmp_path):
    with written_whole(tmp_path / "cached", durable=False) as stream:
        stream.write("a")
    assert [name for name, _ in calls] == ["rename"]


def test_a_folder_is_flushed_with_all_its_files_before_it_is_renamed(calls, tmp_path):
    with folder_replaced(tmp_path / "out") as part:
        (part / "inner").mkdir()
        (part / "inner" / "file").write_text("a", encoding="utf-8")
    names = [name for name, _ in calls]
    flushed = {path for name, path in calls[: names.index("rename")] if name == "fsync"}
    assert flushed >= {"file", "inner", MARKER, part.name}
    assert calls[-1] == ("fsync", tmp_path.name)


def test_lines_are_flushed_before_their_name(calls, tmp_path):
    with ResumableLines(tmp_path / "out.jsonl", {}) as lines:
        lines.write("{}")
    assert calls.index(("fsync", "out.jsonl.part")) < calls.index(("rename", "out.jsonl.part"))


def test_many_chunks_do_not_wait_for_the_disk_each(calls, tmp_path):
    with ResumableLines(tmp_path / "out.jsonl", {}, chunk=1) as lines:
        for _ in range(1000):
            lines.write("{}")
    assert calls.count(("fsync", "out.jsonl.part")) < 500


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_device_is_named(tmp_path):
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_json("/dev/full", {})
    with (
        pytest.raises(OSError, match="No space left on device: '/dev/full'"),
        StreamLines("/dev/full") as lines,
    ):
        lines.write("a")


def test_other_errors_keep_what_they_say(tmp_path):
    with pytest.raises(OSError, match=r"^no number$"), naming("a"):
        raise OSError("no number")
    with pytest.raises(FileNotFoundError, match="'gone'"), naming("a"):
        raise FileNotFoundError(errno.ENOENT, "no such file", "gone")
    sync_tree(tmp_path / "gone")


def test_the_rest_of_an_old_folder_is_removed_by_the_next_run(tmp_path):
    """A kill within the removal leaves some files, but the marker last."""
    folder, old = tmp_path / "out", tmp_path / ".out.old"
    for path in (folder, old):
        path.mkdir()
        (path / "file").write_text(path.name, encoding="utf-8")
        mark(path)
    copy = shutil.copytree(tmp_path, tmp_path / "copy")
    assert recover_folder(folder)
    assert not old.exists()
    with folder_replaced(copy / "out") as part:
        (part / "file").write_text("new", encoding="utf-8")
    assert [path.name for path in copy.iterdir()] == ["out"]


def test_the_marker_of_an_old_folder_is_removed_last(tmp_path, monkeypatch):
    for text in ("old", "new"):
        if text == "new":
            monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # killed there
        with folder_replaced(tmp_path / "out") as part:
            (part / "file").write_text(text, encoding="utf-8")
    assert [path.name for path in (tmp_path / ".out.old").iterdir()] == [MARKER]


def test_the_state_of_a_complete_run_is_removed(tmp_path):
    output, state = tmp_path / "out.jsonl", tmp_path / "out.jsonl.state.json"
    output.write_text("{}\n", encoding="utf-8")
    state.write_text("notes", encoding="utf-8")
    discard_state(output)
    assert state.exists()  # somebody else's
    write_json(state, {"made_by": "jmere"})
    discard_state(output)
    assert not state.exists()
