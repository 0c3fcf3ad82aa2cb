"""The README is short, and shows what really comes out."""

import re

from documents import ROOT, blocks
from jmere.cli import main

README = ROOT / "README.md"


def test_it_is_short():
    lines = README.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 130


def test_the_result_that_it_shows_is_what_comes_out(capsys):
    shown = blocks(README, "console")[0].splitlines()
    (text,) = re.findall(r'^\$ jmere extract --text "(.*)"$', shown[0])
    assert main(["extract", "--text", text]) == 0
    found = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    expected = [line.split() for line in shown[1:]]
    assert [row[:-1] for row in found[1:]] == [row[:-1] for row in expected[1:]]
    for ours, theirs in zip(found[1:], expected[1:], strict=True):
        assert abs(float(ours[-1]) - float(theirs[-1])) <= 0.02


def test_the_python_of_the_readme_prints_its_quintuples(capsys):
    (code,) = blocks(README, "python")
    exec(compile(code, "README.md", "exec"), {})
    assert "Lionel Messi per member_of Barcelona org" in capsys.readouterr().out
