"""Processes that end with the one that started them, though that one is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from waiting import until

WORKER = """
import multiprocessing, os, time
from jmere.files.parent import end_with_parent

def work():
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=work)
    process.start()
    process.join()
"""

COMPUTING = """
import os, subprocess, sys
CHILD = '''
import os, sys
from jmere.files.parent import end_with_parent
end_with_parent(int(sys.argv[1]))
print(os.getpid(), flush=True)
sum(range(10**13))  # lets no other thread run
'''
subprocess.run([sys.executable, "-c", CHILD, str(os.getpid())])
"""

QUERY = """
import os, sys
from jmere import Entity, Post, Quintuple
from jmere.knowledge.store import GraphStore, answer_query
ends = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
store = GraphStore(sys.argv[1])
store.build([Post("Ann lives in Bonn", id="1", quintuples=[Quintuple(*ends, "lives_in")])])
print(os.getpid(), flush=True)
product = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(9))  # far more than a minute's work
answer_query(store, "SELECT (COUNT(*) AS ?n) { " + product + " }")
"""


def alive(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def children(pid):
    """The processes that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text(encoding="utf-8").rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid:
            found.append(int(path.parent.name))
    return found


def ends_with(parent, worker):
    assert alive(worker)
    os.kill(parent.pid, signal.SIGKILL)
    until(lambda: not alive(worker))


@pytest.mark.parametrize(
    "code",
    [
        WORKER,
        pytest.param(
            COMPUTING,
            marks=pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel of Linux"),
        ),
    ],
    ids=["waiting", "computing"],
)
def test_a_worker_ends_when_its_parent_is_killed(tmp_path, code):
    script = tmp_path / "parent.py"
    script.write_text(code, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as parent:
        ends_with(parent, int(parent.stdout.readline()))


def test_the_process_of_a_query_ends_with_the_server(tmp_path):
    pytest.importorskip("pyoxigraph", reason="needs the extra store")
    command = [sys.executable, "-c", QUERY, str(tmp_path / "store")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert int(parent.stdout.readline()) == parent.pid
        until(lambda: children(parent.pid))
        (worker,) = children(parent.pid)
        command = Path(f"/proc/{worker}/cmdline")
        until(lambda: b"query_worker" in command.read_bytes())
        time.sleep(1)  # it has read the query
        ends_with(parent, worker)
