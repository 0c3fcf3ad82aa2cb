import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_lines_of_the_readme_run(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    exec(compile(code, "README.md", "exec"), {})
    assert "Stephen Curry per member_of Golden State Warriors org" in capsys.readouterr().out


def test_the_commands_of_the_readme_are_there(capsys):
    from jmere.cli import COMMANDS

    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"^    jmere (\w+)", text, re.M))
    assert named == set(COMMANDS)


def test_every_linked_file_is_there():
    links = re.findall(r"\]\(([\w./-]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
