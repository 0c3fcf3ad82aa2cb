"""The notebook of the documentation runs from start to end."""

import os
from pathlib import Path

import pytest

from jmere.knowledge.store import GraphStore

nbclient = pytest.importorskip("nbclient", reason="needs nbclient and ipykernel")
nbformat = pytest.importorskip("nbformat", reason="needs nbformat")
pytest.importorskip("ipykernel", reason="needs ipykernel")

NOTEBOOK = Path(__file__).parents[1] / "docs" / "tutorials" / "posts-to-queried-graph.ipynb"


def text_of(cell):
    return "".join(
        output.get("text") or output.get("data", {}).get("text/html", "") for output in cell.outputs
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_notebook_goes_from_posts_to_a_queried_graph(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env=dict(os.environ))
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert "Lionel Messi" in text_of(cells[1])
    assert "member_of" in text_of(cells[2])
    assert "Golden State Warriors" in text_of(cells[-1])
    assert (tmp_path / "graph.ttl").is_file()
    assert GraphStore(tmp_path / "graph-store").stats()["posts"] == 4


def test_the_notebook_is_stored_without_results():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
