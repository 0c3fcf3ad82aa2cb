"""JSON and YAML of others are read within bounds, and every fault is one short line."""

import time

import pytest

from jmere.config import load_yaml, override, parse_config
from jmere.errors import short_repr
from jmere.files.json_values import parse_json, read_json
from jmere.files.yaml_values import MAX_BYTES, parse_yaml
from jmere.tags import TagSet
from jmere.training.run_config import RunConfig


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 70 + b"]" * 70, "nested deeper than 64 levels"),
        (b'"\\ud800"', "not valid Unicode"),
        (b'{"\\ud800": 1}', "not valid Unicode"),
        (b"9" * 5_000, "too many digits"),
        (b"9" * 50, "holds a number of 167 bits"),
        (b"\xff", "not UTF-8: 0xff at byte 0"),
        (b"{,}", "not JSON: .* at line 1 column 2"),
    ],
)
def test_json_that_harms_is_one_line(text, message, tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(text)
    with pytest.raises(ValueError, match=f"a.json: .*{message}") as caught:
        read_json(path)
    assert len(str(caught.value)) < 300


def test_a_file_too_long_is_not_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"[" + b" " * 100 + b"]")
    with pytest.raises(ValueError, match="longer than 10 bytes"):
        read_json(path, max_bytes=10)
    assert read_json(path) == []


def test_a_byte_order_mark_is_no_part_of_json(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf[1]")
    assert read_json(path) == [1]


def test_tags_that_are_nested_or_no_text_are_one_line(tmp_path):
    path = tmp_path / "tags.json"
    for text in ("[" * 50_000, '{"entity_types": ["\\ud83d"], "relations": []}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"tags\.json: .*; expected an object"):
            TagSet.load(path)


@pytest.mark.parametrize("value", ["x" * 10**6, [[["x"] * 10**5] * 9], {"a": 10**9999}, b"x" * 999])
def test_a_value_is_shown_in_a_line(value):
    assert len(short_repr(value)) <= 160


BOMB = "a: &a [x, x]\n" + "\n".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 6)}]"
    for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "aliases stand for more than 20000 values"),
        ("a: &a {k: v}\nb: &b\n  <<: [*a, *a]\nc: &c [*c]", "aliases stand for"),
        ("[" * 5_000, "nested deeper than 64 levels"),
        ("{a: " * 5_000, "nested deeper than 64 levels"),
        ("- " * 5_000, "nested deeper than 64 levels"),
        ("x" * (MAX_BYTES + 1), "longer than"),
        ("a: !!bool zz", "not of its tag's type"),
        ("a: !!float ''", "not of its tag's type"),
        ("a: !!int ''", "not of its tag's type"),
        ("a: !!timestamp x", "could not determine a constructor"),
        ("a: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
        ("a: !!binary aGk=", "could not determine a constructor"),
        ("a: [", "not YAML: .* at line 1 column 5"),
        ("? [a]\n: b", "unhashable key"),
        ("a: 0x" + "f" * 99, "holds a number of 396 bits"),
        ("\0", "not YAML"),
    ],
)
def test_yaml_that_harms_is_one_line(text, message, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    began = time.process_time()
    with pytest.raises(ValueError, match=f"a.yaml: .*{message}") as caught:
        load_yaml(path)
    assert time.process_time() - began < 10
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_an_alias_is_a_copy():
    values = parse_yaml("a: &a {k: 1}\nb: *a\nc:\n  <<: *a\n  d: 2001-02-03")
    override(values, ["b.k=2"])
    assert values == {"a": {"k": 1}, "b": {"k": 2}, "c": {"k": 1, "d": "2001-02-03"}}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("training.epochs=[", "--set training.epochs=.*not YAML"),
        ("training.epochs=!!bool zz", "not of its tag's type"),
        ("training.epochs=" + "[" * 5_000, "nested deeper"),
        (".".join("a" * 50) + "=1", "expected key=value"),
        ("model.name=[x]", r"unknown model\.name \['x'\]"),
        ("model={name: pipeline, entities: {name: [x]}}", r"unknown model\.entities\.name"),
        ("model=x", "model must be given"),
        ("training.epochs=" + "x" * 10_000, "training.epochs: .*, got 'x"),
        ("k" * 10_000 + "=1", "unknown key 'k"),
    ],
)
def test_a_setting_that_harms_is_one_line(setting, message):
    values = {"output": "o", "encoder": "e", "model": {"name": "text"}}
    values["data"] = {"train": ["t"], "dev": "d"}
    with pytest.raises(ValueError, match=message) as caught:
        RunConfig.parse(override(values, [setting]))
    assert len(str(caught.value)) < 500


def test_what_is_no_json_in_memory_is_one_line():
    with pytest.raises(ValueError, match="not UTF-8"):
        parse_json(b'"\xff"')


def test_settings_of_another_kind_are_one_line():
    with pytest.raises(ValueError, match="expected keys and values, got"):
        parse_config(RunConfig, ["x" * 10**6])
