"""Rows in order, in batches and by their values."""

import pytest

pytest.importorskip("duckdb", reason="needs the extra large")
pytest.importorskip("pyarrow", reason="needs the extra large")

import duckdb

from jmere.knowledge.disk import disk_rows
from jmere.knowledge.disk.disk_rows import OrderedRows

QUERY = "SELECT i // 4 AS n, i AS i FROM RANGE(22) AS t(i) ORDER BY i"


@pytest.fixture(params=[1 << 26, 64, 1])
def rows(request, monkeypatch):
    monkeypatch.setattr(disk_rows, "_MAX_BYTES", request.param)
    return OrderedRows(duckdb.connect(), QUERY, "n")


def numbers(batch):
    return batch.column("i").to_pylist()


def test_batches_have_each_row_once_in_order(rows):
    assert [number for batch in rows for number in numbers(batch)] == [*range(22)]


def test_groups_are_whole(rows):
    groups = [*rows.groups()]
    assert [number for batch in groups for number in numbers(batch)] == [*range(22)]
    assert all(numbers(batch)[0] % 4 == 0 for batch in groups)


def test_rows_up_to_a_value_go_on_where_the_last_ended(rows):
    taken = [numbers(rows.until(value)) for value in (-1, 0, 0, 3, 9, 10)]
    assert taken == [[], [*range(4)], [], [*range(4, 16)], [*range(16, 22)], []]
