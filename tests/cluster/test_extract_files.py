"""Files to parts on a cluster of two workers: each post once, whatever dies."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from cluster_posts import lines, parts_of
from deadly_loaders import Deadly, DiesWhileLoading

from jmere.errors import DataError
from jmere.ray import ExtractorLoader, extract_files
from jmere.ray.pool import Pool
from reliability.processes import RAYS_OWN
from waiting import until


def manifest_of(out):
    return json.loads((Path(out) / "manifest.json").read_text())


def failures_of(out):
    texts = (file.read_text() for file in Path(out, "failed").glob("*.jsonl"))
    values = (json.loads(line) for text in texts for line in text.splitlines())
    return {value["id"]: value for value in values}


def in_parts(folder, out, *, workers=1, **options):
    """Extract; a worker takes seconds to start, so there are two where both count."""
    return extract_files(f"{folder}/*.jsonl", out, workers=workers, part_posts=6, **options)


def test_parts_have_the_bytes_of_one_process(cluster, folder, expected, tmp_path):
    problems = []
    bad = '{"id": "bad"}\n'
    (folder / "1.jsonl").write_text(bad + "".join(lines(12, 12)))
    run = in_parts(folder, tmp_path / "out", workers=2, on_problem=problems.append)
    assert (run.posts, run.bad, run.failed, run.lost, run.parts) == (24, 1, 0, 0, 4)
    assert parts_of(tmp_path / "out") == "".join(expected.values())
    assert [str(each) for each in problems] == [f"{folder}/1.jsonl:1: missing 'text' or 'tokens'"]
    manifest = manifest_of(tmp_path / "out")
    assert manifest["complete"]
    assert manifest["posts"] == 24
    for part in manifest["parts"]:
        data = (tmp_path / "out" / part["name"]).read_bytes()
        assert len(data) == part["bytes"]
        assert hashlib.sha256(data).hexdigest() == part["sha256"]
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "manifest.json",
        *(part["name"] for part in manifest["parts"]),
    ]


def test_a_bad_line_ends_a_strict_run(cluster, folder, tmp_path):
    (folder / "0.jsonl").write_text('{"id": "bad"}\n')
    with pytest.raises(DataError, match=r"0\.jsonl:1: missing 'text' or 'tokens'$"):
        in_parts(folder, tmp_path / "out")


def test_rows_of_parquet_are_those_of_one_process(cluster, folder, alone, tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    from jmere.data.tables.columns import Columns
    from jmere.data.tables.table_files import read_table, write_table

    values = [json.loads(line) for line in lines(10)]
    table = pa.table(
        {
            "id": range(10),
            "tweet": [value["text"] for value in values],
            "likes": [None, *range(9)],
        }
    )
    pq.write_table(table, tmp_path / "posts.parquet", row_group_size=4)
    columns = Columns.parse("text=tweet", "likes")
    run = extract_files(
        tmp_path / "posts.parquet", tmp_path / "out", workers=1, part_posts=5, columns=columns
    )
    posts = read_table(tmp_path / "posts.parquet", columns=columns)
    write_table(tmp_path / "alone.parquet", alone.stream(posts))
    parts = sorted((tmp_path / "out").glob("part-*.parquet"))
    assert (run.posts, len(parts)) == (10, 2)
    tables = [pq.read_table(part) for part in parts]
    assert (
        pa.concat_tables(tables).to_pylist()
        == pq.read_table(tmp_path / "alone.parquet").to_pylist()
    )


def test_a_worker_killed_in_the_middle_leaves_no_trace(cluster, folder, expected, tmp_path):
    loader = Deadly(once=("#8", str(tmp_path / "killed")))
    run = in_parts(folder, tmp_path / "out", workers=2, loader=loader)
    assert (tmp_path / "killed").exists()
    assert (run.posts, run.failed) == (24, 0)
    assert parts_of(tmp_path / "out") == "".join(expected.values())


def test_a_poison_post_fails_with_its_reason_and_the_others_are_complete(
    cluster, folder, expected, tmp_path
):
    loader = Deadly(poison="#7", wrong="#20")
    run = in_parts(folder, tmp_path / "out", loader=loader)
    assert (run.posts, run.failed) == (22, 2)
    assert parts_of(tmp_path / "out") == "".join(
        line for name, line in expected.items() if name not in ("p7", "p20")
    )
    failures = failures_of(tmp_path / "out")
    assert failures["p7"]["reason"] == "killed its worker 3 times"
    assert failures["p7"]["post"]["text"].endswith("#7")
    assert failures["p7"]["input"] == f"{folder}/0.jsonl"
    assert failures["p20"]["reason"] == "ArithmeticError: two and two are five"


def test_workers_that_die_while_loading_end_the_run(cluster, folder, tmp_path):
    with pytest.raises(ChildProcessError, match="3 workers died while loading the model"):
        in_parts(folder, tmp_path / "out", loader=DiesWhileLoading())


def test_the_death_of_the_ledger_ends_the_run(cluster, folder, expected, tmp_path, monkeypatch):
    pools, enter = [], Pool.__enter__
    monkeypatch.setattr(Pool, "__enter__", lambda pool: pools.append(pool) or enter(pool))
    out = tmp_path / "out"
    with pytest.raises(ChildProcessError, match="the actor that counts the workers' deaths died"):
        in_parts(folder, out, on_part=lambda _: cluster.kill(pools[0]._ledger))
    assert in_parts(folder, out, resume=True).posts == 24
    assert parts_of(out) == "".join(expected.values())


def test_a_run_is_continued_after_its_complete_parts(cluster, folder, expected, tmp_path):
    out = (tmp_path / "out").as_uri()

    def interrupt(record):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_parts(folder, out, on_part=interrupt)
    assert not (tmp_path / "out" / "manifest.json").exists()
    with pytest.raises(ValueError, match="holds a run that is not complete; pass --resume"):
        in_parts(folder, out)
    with pytest.raises(ValueError, match=r"another run: options\.min_score was 0\.0, is 0\.5"):
        in_parts(folder, out, resume=True, min_score=0.5)
    noted = min((tmp_path / "out" / "_state").glob("part-*"))
    kept = tmp_path / "out" / f"{noted.stem}.jsonl"
    before = kept.stat().st_mtime_ns
    run = in_parts(folder, out, resume=True)
    assert (run.posts, run.parts) == (24, 4)
    assert 0 < run.kept < 24
    assert kept.stat().st_mtime_ns == before
    assert parts_of(tmp_path / "out") == "".join(expected.values())
    assert in_parts(folder, out, resume=True).todo == 0
    with pytest.raises(ValueError, match="holds the output of an earlier run"):
        in_parts(folder, out)


def test_memory_is_read_and_written_by_this_process(cluster, expected):
    fs = pytest.importorskip("fsspec").filesystem("memory")
    fs.pipe_file("/in/a.jsonl", "".join(lines(12)).encode())
    fs.pipe_file("/in/b.jsonl", "".join(lines(12, 12)).encode())
    run = in_parts("memory://in", "memory://out", loader=Deadly(wrong="#3"))
    assert (run.posts, run.failed) == (23, 1)
    parts = [fs.cat_file(part).decode() for part in sorted(fs.glob("/out/part-*.jsonl"))]
    assert "".join(parts) == "".join(line for name, line in expected.items() if name != "p3")
    assert b"ArithmeticError" in fs.cat_file("/out/failed/part-000000.jsonl")
    assert json.loads(fs.cat_file("/out/manifest.json"))["posts"] == 23


def processes_of(mark):
    """Processes that were started with an environment that has this mark.

    Two of Ray itself, which do nothing, end some minutes after a killed command.
    """
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name = (path / "cmdline").read_bytes().rstrip(b"\0")
            if name in RAYS_OWN:
                continue
            if mark.encode() in (path / "environ").read_bytes():
                found.append(int(path.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.skipif(sys.version_info < (3, 11), reason="needs PYTHONSAFEPATH, of Python 3.11")
def test_a_killed_command_leaves_no_process_and_is_continued(folder, expected, tmp_path):
    pytest.importorskip("ray", reason="needs the extra ray")
    out, mark = tmp_path / "out", f"JMERE_TEST_MARK={tmp_path}"
    command = [sys.executable, "-m", "jmere", "extract", f"{folder}/*.jsonl", "-o", str(out)]
    command += ["--engine", "ray", "--workers", "1", "--part-posts", "6"]
    environment = {**os.environ, "JMERE_TEST_MARK": str(tmp_path), "PYTHONSAFEPATH": "1"}
    (folder / "onnxruntime.py").write_text("raise OSError('not by jmere')")  # is not imported
    with subprocess.Popen(
        command, env=environment, cwd=folder, stderr=subprocess.DEVNULL
    ) as process:
        until(lambda: list(out.glob("_state/part-*.json")), seconds=300)
        process.send_signal(signal.SIGKILL)
    until(lambda: not processes_of(mark), seconds=60)
    done = subprocess.run(
        [*command, "--resume"],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "24 posts in 4 parts" in done.stderr
    assert parts_of(out) == "".join(expected.values())
    until(lambda: not processes_of(mark), seconds=60)


def test_only_pictures_in_a_named_folder_are_read():
    assert ExtractorLoader().within_folder().visual.detector is None


def test_a_worker_computes_on_one_thread():
    scorer = ExtractorLoader(backend="onnx").load().tagger.scorer
    assert scorer.pool.count == 1
