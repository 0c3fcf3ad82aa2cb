import json
import multiprocessing
import os
import subprocess
import sys

import pytest

from jmere.files.resumable import ResumableLines, state_differences

RUN = {"input": "abc", "options": {"score": 0.5}}
CHUNK = 3
ALL = 8
LINES = [json.dumps({"id": number, "text": "é" * number}) for number in range(ALL)]
WHOLE = "".join(f"{line}\n" for line in LINES).encode()


def write(output, *, run=RUN, resume=False, until=ALL):
    with ResumableLines(output, run, chunk=CHUNK, resume=resume) as lines:
        for line in LINES[lines.kept : until]:
            lines.write(line)
        if until < ALL:
            raise KeyboardInterrupt
    return lines


def stop(output, after, **options):
    with pytest.raises(KeyboardInterrupt):
        write(output, until=after, **options)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.jsonl"


def test_a_complete_run_leaves_the_output_alone(output):
    output.write_bytes(b"old")
    output.chmod(0o600)
    with ResumableLines(output, RUN) as lines:
        lines.write(LINES[0])
        assert output.read_bytes() == b"old"
    assert content(output.parent) == {"out.jsonl": WHOLE[: len(LINES[0]) + 1]}
    assert output.stat().st_mode & 0o777 == 0o600


def test_a_run_that_is_stopped_leaves_complete_lines_and_its_state(output):
    output.write_bytes(b"old")
    stop(output, 4)
    found = content(output.parent)
    assert found["out.jsonl"] == b"old"
    assert WHOLE.startswith(found["out.jsonl.part"])
    assert found["out.jsonl.part"].count(b"\n") == 4
    state = json.loads(found["out.jsonl.state.json"])
    assert (state["schema_version"], state["count"], state["input"]) == (1, 4, "abc")
    assert state["writer"]["pid"] == os.getpid()


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 5))
def test_cut_anywhere_it_is_continued_at_a_chunks_border(output, cut):
    stop(output, 7)
    part = output.with_name("out.jsonl.part")
    part.write_bytes(WHOLE[:cut])
    lines = write(output, resume=True)
    assert lines.kept == WHOLE[:cut].count(b"\n") // CHUNK * CHUNK
    assert content(output.parent) == {"out.jsonl": WHOLE}


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ({**RUN, "input": "abd"}, "belongs to another run: input was 'abc', is 'abd'"),
        ({**RUN, "options": {"score": 0.0}}, "options.score was 0.5, is 0.0"),
        ({**RUN, "options": {}}, "options.score was 0.5, is absent"),
    ],
)
def test_another_run_is_not_continued_and_nothing_is_touched(output, run, message):
    stop(output, 4)
    before = content(output.parent)
    with pytest.raises(ValueError, match=f"--resume: .*{message}"):
        write(output, run=run, resume=True)
    assert content(output.parent) == before
    lines = write(output, run=run)  # without --resume they are of no use
    assert "4 lines in" in lines.notice
    assert content(output.parent) == {"out.jsonl": WHOLE}


def test_lines_that_can_be_continued_are_not_thrown_away(output):
    stop(output, 4)
    before = content(output.parent)
    with pytest.raises(ValueError, match="holds 4 lines of this run; pass --resume"):
        write(output)
    assert content(output.parent) == before


@pytest.mark.parametrize("name", ["out.jsonl.part", "out.jsonl.state.json"])
@pytest.mark.parametrize("resume", [True, False])
def test_files_of_others_stay(output, name, resume):
    output.with_name(name).write_bytes(b"important notes")
    with pytest.raises(ValueError, match=name):
        write(output, resume=resume)
    assert content(output.parent) == {name: b"important notes"}


def test_an_error_before_the_first_line_changes_nothing(output):
    stop(output, 4)
    before = content(output.parent)
    for run in (RUN, {**RUN, "input": "abd"}):
        with (
            pytest.raises(ZeroDivisionError),
            ResumableLines(output, run, chunk=CHUNK, resume=run is RUN),
        ):
            _ = 1 / 0
        assert content(output.parent) == before


def test_there_is_one_writer(output):
    with ResumableLines(output, RUN) as lines:
        lines.write(LINES[0])
        before = content(output.parent)
        for resume in (True, False):
            with pytest.raises(
                ValueError, match=rf"another run \(process {os.getpid()} on .*is writing it"
            ):
                write(output, resume=resume)
        assert content(output.parent) == before


def test_a_killed_writer_is_no_writer(output):
    code = f"""
import os, signal
from jmere.files.resumable import ResumableLines
with ResumableLines({str(output)!r}, {RUN!r}, chunk={CHUNK}) as lines:
    for line in {LINES[:4]!r}:
        lines.write(line)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    lines = write(output, resume=True)
    assert lines.kept == CHUNK
    assert content(output.parent) == {"out.jsonl": WHOLE}


def test_of_many_at_once_one_writes(output):
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        results = pool.map(attempt, [output] * 8)
    assert "written" in results
    assert set(results) <= {"written", "refused"}
    assert content(output.parent) == {"out.jsonl": WHOLE}


def attempt(output):
    try:
        write(output)
    except ValueError:
        return "refused"
    return "written"


def test_a_link_is_followed(output, tmp_path):
    (tmp_path / "far").mkdir()
    output.symlink_to("far/real.jsonl")
    stop(output, 4)
    write(output, resume=True)
    assert output.is_symlink()
    assert content(tmp_path / "far") == {"real.jsonl": WHOLE}


def test_differences_are_named_in_a_line():
    assert state_differences({"a": 1, "count": 3}, {"a": 1}) == ""
    many = state_differences({}, dict.fromkeys("abcde", "x" * 99))
    assert many.endswith("... and 2 more")
    assert len(many) < 250
