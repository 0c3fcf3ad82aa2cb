import sys

import pytest

from jmere.errors import MissingExtraError, require


def test_an_installed_library_is_imported():
    assert require("json", "graph", "reading") is sys.modules["json"]


@pytest.mark.parametrize("module", ["not_installed_anywhere", "not_installed_anywhere.part"])
def test_a_missing_library_says_how_to_get_it(module):
    with pytest.raises(MissingExtraError, match=r"^writing needs: pip install 'jmere\[graph\]'$"):
        require(module, "graph", "writing")


def test_a_library_that_lacks_something_of_its_own_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "half_installed.py").write_text("import not_installed_anywhere", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="No module named 'not_installed_anywhere'"):
        require("half_installed", "graph", "writing")
