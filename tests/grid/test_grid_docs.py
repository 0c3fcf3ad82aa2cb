"""The code of docs/grid.md runs, and does what the page says."""

import re
from pathlib import Path


def test_the_example_of_the_page_runs():
    page = (Path(__file__).parents[2] / "docs" / "grid.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    exec(compile(example, "docs/grid.md", "exec"), {})
