"""Ray Data sets of posts to Ray Data sets of results."""

import json

import pytest
from cluster_posts import lines
from deadly_loaders import Deadly

from jmere.records import Extraction, Post

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray Data warns of its own settings


@pytest.fixture
def data(cluster):
    return pytest.importorskip("ray.data", reason="needs the extra ray")


def rows_of(dataset):
    return sorted(dataset.take_all(), key=lambda row: int(row["id"].removeprefix("p")))


def value_of(row):
    """A row as the JSON of a result."""
    if isinstance(row, dict):
        return {name: value_of(each) for name, each in row.items() if each is not None}
    return [value_of(each) for each in row] if isinstance(row, list) else row


def test_rows_are_the_results_of_one_process(data, expected):
    from jmere.ray import extract

    rows = rows_of(extract(data.from_items([json.loads(line) for line in lines(24)])))
    found = [Extraction.from_dict(value_of(row)) for row in rows]
    assert found == [Extraction.from_dict(json.loads(line)) for line in expected.values()]


def test_a_row_that_kills_or_is_no_post_says_so_and_the_others_have_results(data, expected):
    from jmere.ray import extract

    values = [json.loads(line) for line in lines(8)]
    values[2] = {"id": "p2", "text": None}
    found = extract(data.from_items(values), loader=Deadly(poison="#5"), workers=1)
    rows = rows_of(found)
    assert [row["id"] for row in rows] == [f"p{number}" for number in range(8)]
    assert list(rows[5]["warnings"]) == ["not extracted: killed its worker 3 times"]
    assert rows[2]["warnings"][0].startswith("not extracted: ")
    for number in (0, 1, 3, 4, 6, 7):
        assert rows[number]["quintuples"] is not None
        found = Extraction.from_dict(value_of(rows[number]))
        assert found == Extraction.from_dict(json.loads(expected[f"p{number}"]))


def test_strings_and_posts_and_rows_of_quintuples(data):
    from jmere.ray import extract

    text = "Lionel Messi leaves Barcelona"
    (row,) = extract(data.from_items([text]), rows="quintuple", workers=1).take_all()
    assert (row["head"], row["relation"], row["tail"]) == ("Lionel Messi", "member_of", "Barcelona")
    (row,) = extract(data.from_items([Post(text, id="7")]), workers=1).take_all()
    assert row["id"] == "7"
