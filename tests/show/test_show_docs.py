"""The code of docs/pictures.md runs."""

import re
from pathlib import Path


def test_the_example_for_notebooks_runs(capsys):
    page = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    exec(compile(example, "docs/pictures.md", "exec"), {})
    assert "Messi [per]" in capsys.readouterr().out
