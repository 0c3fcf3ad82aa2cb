import csv
import datetime
import decimal
import json
import uuid

import numpy as np
import pytest

from jmere import Entity, Extraction, Post, Quintuple, SceneGraph, SceneObject
from jmere.data.tables import Columns, RowKind, read_table, table_posts, table_rows, write_table
from jmere.errors import DataError

pa = pytest.importorskip("pyarrow", reason="needs the extra tables")
pd = pytest.importorskip("pandas", reason="needs the extra tables")
pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra tables")

ANN, BONN = Entity("Ann", "per", 2, 5), Entity("Bonn", "loc", 15, 19)
TEXT = '\N{GRINNING FACE} Ann, "in"\n,  Bonn; =1'
FULL = Post(
    TEXT,
    image="a/b.jpg",
    alt_text='a "woman", reading',
    scene_graph=SceneGraph((SceneObject("woman", (1, 2, 3, 4.5), 0.5),), size=(640, 480)),
    id="007",
    quintuples=[Quintuple(ANN, Entity("Bonn", "loc", 15, 19), "residence", 0.5)],
    entities=[Entity("in", "misc", 8, 10)],
    time="2026-01-31",
    author="ann",
    url="https://example.org/1",
    language="en",
)
WORDS = Post(tokens=["Ann", "wins"], id="x\ty")
FORMS = [".csv", ".tsv", ".parquet"]


@pytest.mark.parametrize("form", FORMS)
def test_posts_come_back_from_every_form(form, tmp_path):
    path = tmp_path / f"posts{form}"
    assert write_table(path, [FULL, WORDS]) == 2
    assert list(read_table(path, gold=True)) == [FULL, WORDS]


def test_a_compressed_table_is_read(tmp_path):
    import gzip

    write_table(tmp_path / "posts.tsv", [FULL])
    packed = tmp_path / "posts.tsv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "posts.tsv").read_bytes()))
    assert [post.text for post in read_table(packed)] == [TEXT]


@pytest.mark.parametrize("form", FORMS)
def test_columns_are_named_and_kept(form, tmp_path):
    path = tmp_path / f"tweets{form}"
    frame = pd.DataFrame(
        {"tweet_id": [17, 18], "tweet": ["Bonn", "Rome"], "likes": [3, 4], "x": ["", "y"]}
    )
    if form == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if form == ".tsv" else ",")
    columns = Columns.parse("text=tweet,id=tweet_id", "likes,x")
    first, second = read_table(path, columns=columns)
    assert (first.id, first.text, second.id) == ("17", "Bonn", "18")
    assert int(first.kept["likes"]) == 3
    assert second.kept["x"] == "y"
    assert [post.id for post in read_table(path, columns=Columns({"text": "tweet"}))] == [
        "row-1", "row-2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (17, "17"),
        (17.0, "17"),
        (1.5, "1.5"),
        (np.int64(2**60), str(2**60)),
        ("007", "007"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("3.10"), "3.10"),
        (datetime.date(2026, 1, 31), "2026-01-31"),
        (pd.Timestamp("2026-01-31"), "2026-01-31T00:00:00"),
        (b"ab", "ab"),
    ],
)
def test_ids_may_be_of_any_type(value, name):
    (post,) = table_posts([{"id": value, "text": "Bonn"}])
    assert post.id == name


@pytest.mark.parametrize("empty", [None, float("nan"), "", pd.NA, pd.NaT])
def test_an_empty_id_is_a_problem(empty):
    with pytest.raises(DataError, match=r"table:1: missing 'id'"):
        list(table_posts([{"id": empty, "text": "Bonn"}]))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": "tweet"}, r"t\.csv: no column 'tweet'; did you mean 'tweets'\?"),
        ({}, r"t\.csv: no column 'text'; name it with --columns text=COLUMN"),
    ],
)
def test_a_missing_column_is_named(columns, message, tmp_path):
    (tmp_path / "t.csv").write_text("id,tweets\n1,Bonn\n")
    with pytest.raises(DataError, match=message):
        list(read_table(tmp_path / "t.csv", columns=Columns(columns)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"t\.csv: is empty"),
        ("id,text,id\n", r"t\.csv:1: two columns are called 'id'"),
        ("id,text\n1,a,b\n", r"t\.csv:2: another number of cells than the header"),
        ("id,text,quintuples\n1,a,[{\n", r"t\.csv:2: quintuples: expected JSON"),
        ('id,text,quintuples\n1,a,"[{}]"\n', r"t\.csv:2: quintuples\[0\]: head: missing"),
        ("id,text\n,a\n", r"t\.csv:2: missing 'id'"),
    ],
)
def test_a_bad_table_is_one_line(content, message, tmp_path):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(DataError, match=message):
        list(read_table(tmp_path / "t.csv", gold=True))


def test_a_damaged_parquet_file_is_one_line(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(DataError, match=r"t\.parquet: "):
        list(read_table(path))
    path.write_text("id,text\n")
    with pytest.raises(DataError, match="no Parquet file"):
        list(read_table(path))


def test_bad_rows_are_left_out_where_the_caller_continues(tmp_path):
    (tmp_path / "t.csv").write_text("id;text\n1;a\n;b\n3;c\n")
    problems = []
    found = list(read_table(tmp_path / "t.csv", on_problem=problems.append))
    assert [post.id for post in found] == ["1", "3"]
    assert [problem.line for problem in problems] == [3]


RESULT = Extraction(
    "1",
    TEXT,
    (Quintuple(ANN, BONN, "residence", 0.5), Quintuple(BONN, ANN, "contain", 0.25)),
    (ANN, BONN),
    author="ann",
    kept={"likes": 3, "id": "own"},
)


def test_a_row_may_stand_for_a_quintuple(tmp_path):
    path = tmp_path / "found.csv"
    assert write_table(path, [RESULT, Extraction("2", "", (), ())], kind=RowKind.QUINTUPLE) == 2
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["head"], row["relation"], row["tail"], row["score"]) for row in rows] == [
        ("Ann", "residence", "Bonn", "0.5"), ("Bonn", "contain", "Ann", "0.25"),
    ]  # fmt: skip
    assert (rows[0]["id"], rows[0]["id_kept"], rows[0]["likes"]) == ("1", "own", "3")


def test_a_row_for_a_post_is_the_line_of_json():
    (row,) = table_rows([RESULT])
    assert row["quintuples"] == RESULT.to_dict()["quintuples"]
    assert row["likes"] == 3


def test_kept_columns_have_a_type_in_parquet(tmp_path):
    found = [
        Extraction(str(index), "", (), (), kept={"likes": likes, "mixed": mixed})
        for index, (likes, mixed) in enumerate([(1, 1), (2.5, "a"), (3, True)])
    ]
    write_table(tmp_path / "t.parquet", found)
    table = pq.read_table(tmp_path / "t.parquet")
    assert table["likes"].to_pylist() == [1.0, 2.5, 3.0]
    assert table["mixed"].to_pylist() == ["1", "a", "True"]
    assert pa.types.is_list(table.schema.field("quintuples").type)


def test_quintuples_are_structs_in_parquet(tmp_path):
    write_table(tmp_path / "t.parquet", [RESULT])
    (cell,) = pq.read_table(tmp_path / "t.parquet")["quintuples"].to_pylist()
    assert (cell[0]["head"]["text"], cell[1]["score"]) == ("Ann", 0.25)


def test_nothing_is_written_where_a_row_fails(tmp_path):
    def broken():
        yield RESULT
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_table(tmp_path / "t.parquet", broken())
    assert list(tmp_path.iterdir()) == []


def test_tables_in_memory_are_read(tmp_path):
    datasets = pytest.importorskip("datasets", reason="needs datasets")
    rows = [{"id": 1, "text": "Bonn", "quintuples": json.dumps([])}, {"id": 2, "text": "Rome"}]
    frame = pd.DataFrame(rows)
    for table in (rows, frame, pa.Table.from_pandas(frame), datasets.Dataset.from_list(rows)):
        assert [(post.id, post.text) for post in table_posts(table)] == [
            ("1", "Bonn"), ("2", "Rome"),
        ]  # fmt: skip
    by_index = pd.DataFrame({"text": ["Bonn"]}, index=["a"])
    assert [post.id for post in table_posts(by_index)] == ["a"]


@pytest.mark.parametrize("data", ["text", {"text": "a"}, 3, [1]])
def test_what_is_no_table_is_refused(data):
    with pytest.raises(TypeError, match="expected a"):
        list(table_posts(data))
