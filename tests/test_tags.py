import pytest

from jmere import TagSet
from jmere.tags import NONE


def test_the_default_set_is_that_of_the_paper():
    tags = TagSet.load()
    assert (len(tags), len(tags.entity_types), len(tags.relations)) == (26, 4, 21)


def test_names_and_numbers_are_inverses():
    tags = TagSet(["per", "org"], ["peer", "per"])
    assert tags.name(NONE) == ""
    assert [tags.name(tags.entity_id(name)) for name in tags.entity_types] == ["per", "org"]
    assert [tags.name(tags.relation_id(name)) for name in tags.relations] == ["peer", "per"]
    assert list(range(len(tags)))[tags.entity_slice] == [1, 2]
    assert list(range(len(tags)))[tags.relation_slice] == [3, 4]


def test_a_saved_set_is_read_again(tmp_path):
    import json

    tags = TagSet(["person"], ["knows"])
    (tmp_path / "tags.json").write_text(json.dumps(tags.to_json()), encoding="utf-8")
    assert TagSet.load(tmp_path / "tags.json") == tags


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object with the lists"),
        ('{"entity_types": ["a"]}', "expected an object with the lists"),
        ('{"entity_types": "abc", "relations": []}', "expected an object with the lists"),
        ('{"entity_types": ["a", "a"], "relations": []}', "names the entity type 'a' twice"),
        ('{"entity_types": [], "relations": ["r"]}', "at least one entity type"),
        ('{"entity_types": [" "], "relations": []}', "must have a name"),
        ('{"entity_types": [7], "relations": []}', "of names"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path, text, message):
    path = tmp_path / "tags.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        TagSet.load(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
