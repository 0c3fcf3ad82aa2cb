"""Columns of Arrow from their bytes equal those of ``pyarrow.array``."""

import pytest

pytest.importorskip("pyarrow", reason="needs the extra large")

import pyarrow as arrow

from jmere.knowledge.disk.disk_columns import arrow_column


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "", "é 東京", None, "b"], arrow.string()),
        (["a", "bc"], arrow.string()),
        ([None, None], arrow.string()),
        ([], arrow.string()),
        ([1, None, -3], arrow.int64()),
        ([0, 2**64 - 1], arrow.uint64()),
        ([0.1, None, 1e-300], arrow.float64()),
        ([None, [1.0, 2.5]], arrow.list_(arrow.float64())),
        ([None] * 9 + ["x"] * 9, arrow.string()),
    ],
)
def test_columns_are_those_of_arrow(values, kind):
    column = arrow_column(values, kind)
    column.validate(full=True)
    assert column.equals(arrow.array(values, type=kind))
    assert column.to_pylist() == values
