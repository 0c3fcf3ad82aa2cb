"""Texts of columns are those that Python would make row by row."""

import pytest

pytest.importorskip("pyarrow", reason="needs the extra large")

import numpy as np
import pyarrow as arrow

from jmere.knowledge.disk.disk_columns import digests, mapped
from jmere.knowledge.disk.disk_text import Members, escaped, joined, text_bytes
from jmere.knowledge.names import digest


def test_parts_are_joined_and_absent_ones_are_empty():
    column = arrow.array(["a", None, "é"])
    assert joined(["<", "x:", column, ">"]).to_pylist() == ["<x:a>", "<x:>", "<x:é>"]
    assert joined(["<", column], absent=True).to_pylist() == ["<a", None, "<é"]


def test_members_are_put_together_by_owner():
    members = Members(np.array([0, 0, 2]), 4)
    texts = members.texts([arrow.array(["é", "b", "c"])], between=", ")
    texts.validate(full=True)
    assert texts.to_pylist() == ["é, b", "", "c", ""]
    assert bytes(text_bytes(texts, 0, 2)) == "é, b".encode()


def test_escapes_are_replaced_in_their_order():
    column = arrow.array(['a"', "b\\", None])
    assert escaped(column, ("\\", "\\\\"), ('"', '\\"')).to_pylist() == ['a\\"', "b\\\\", None]


def test_digests_are_those_of_names():
    assert digests(arrow.array(["a\0b", "é"])).to_pylist() == [digest("a", "b"), digest("é")]


def test_values_are_mapped_once():
    asked = []
    column = arrow.array([0.5, None, 0.5, 1.0])
    texts = mapped(column, lambda value: asked.append(value) or repr(value))
    assert (texts.to_pylist(), asked) == (["0.5", None, "0.5", "1.0"], [0.5, 1.0])
