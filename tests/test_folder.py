import pytest

from jmere.folder import recover_folder, replace_folder


@pytest.fixture
def folders(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, encoding="utf-8")
    return tmp_path / "new", tmp_path / "old"


def test_a_folder_is_replaced(folders):
    new, old = folders
    replace_folder(new, old)
    assert (old / "file").read_text(encoding="utf-8") == "new"
    assert list(old.parent.iterdir()) == [old]


def test_a_replacement_cut_short_is_undone(folders):
    _, old = folders
    old.rename(old.with_name(".old.old"))
    assert recover_folder(old)
    assert (old / "file").read_text(encoding="utf-8") == "old"


def test_where_nothing_was_nothing_is_recovered(tmp_path):
    assert not recover_folder(tmp_path / "nothing")
