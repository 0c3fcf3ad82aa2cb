"""Tables and annotation tools on the command line."""

import json

import pytest

from jmere.cli import main

pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra tables")

TWEETS = 'tweet_id,tweet,likes\n17,"Messi leaves Barcelona, again",3\nx,Bonn \N{GRINNING FACE},4\n'
COLUMNS = ["--columns", "text=tweet,id=tweet_id", "--keep", "likes"]


@pytest.fixture
def tweets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tweets.csv").write_text(TWEETS, encoding="utf-8")
    return tmp_path / "tweets.csv"


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def model():
    from jmere import Extractor

    found = Extractor.from_pretrained()
    return lambda *_, **__: found


@pytest.fixture
def one_model(model, monkeypatch):
    monkeypatch.setattr("jmere.extract.Extractor.from_pretrained", model)


@pytest.mark.usefixtures("one_model")
def test_extract_reads_a_table_and_keeps_columns(tweets):
    assert main(["extract", "tweets.csv", "-o", "found.jsonl", *COLUMNS]) == 0
    first, second = lines(tweets.with_name("found.jsonl"))
    assert (first["id"], first["kept"]) == ("17", {"likes": "3"})
    assert second["id"] == "x"
    assert main(["extract", "tweets.csv", "-o", "found.parquet", *COLUMNS]) == 0
    table = pq.read_table(tweets.with_name("found.parquet")).to_pylist()
    assert [(row["id"], row["likes"]) for row in table] == [("17", "3"), ("x", "4")]
    assert table[0]["quintuples"][0]["relation"] == first["quintuples"][0]["relation"]
    assert main(["extract", "tweets.csv", "-o", "found.csv", "--rows", "quintuple", *COLUMNS]) == 0
    header = tweets.with_name("found.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.startswith("id,head,head_type")
    assert header.endswith(",likes")


@pytest.mark.usefixtures("one_model")
def test_keep_copies_keys_of_json_lines(tweets):
    tweets.with_name("posts.jsonl").write_text('{"id": "1", "text": "Bonn", "likes": 3}\n')
    assert main(["extract", "posts.jsonl", "-o", "found.jsonl", "--keep", "likes"]) == 0
    assert lines(tweets.with_name("found.jsonl"))[0]["kept"] == {"likes": 3}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "f.csv", "--resume"], "a table is written whole at the end"),
        (["-o", "f.jsonl", "--columns", "text"], "expected field=column,..."),
        (["-o", "f.jsonl", "--columns", "txt=tweet"], "did you mean 'text'?"),
        (["-o", "f.jsonl", "--columns", "text=tweets"], "did you mean 'tweet'?"),
        (["-o", "f.jsonl", "--rows", "quintuple"], "--rows is for tables"),
        (["-o", "f.jsonl"], "name it with --columns text=COLUMN"),
    ],
)
@pytest.mark.usefixtures("one_model")
def test_wrong_table_options_are_one_line(tweets, options, message, capsys):
    assert main(["extract", "tweets.csv", *options]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert len(error.splitlines()) == 1


def test_tables_are_converted_and_exported(tweets):
    assert main(["data", "convert", "csv", "tweets.csv", "posts.jsonl", *COLUMNS]) == 0
    posts = lines(tweets.with_name("posts.jsonl"))
    assert posts[0] == {
        "id": "17", "text": "Messi leaves Barcelona, again", "kept": {"likes": "3"},
    }  # fmt: skip
    assert main(["data", "export", "parquet", "posts.jsonl", "posts.parquet"]) == 0
    assert (
        main(["data", "convert", "parquet", "posts.parquet", "again.jsonl", "--keep", "likes"]) == 0
    )
    assert lines(tweets.with_name("again.jsonl")) == posts
    assert main(["data", "export", "csv", "posts.jsonl", "posts.tsv"]) == 0
    assert "\t" in tweets.with_name("posts.tsv").read_text(encoding="utf-8")


GOLD = {
    "id": "1",
    "text": "\N{GRINNING FACE} Ann in Bonn",
    "quintuples": [
        {
            "head": {"start": 2, "end": 5, "type": "per"},
            "tail": {"start": 9, "end": 13, "type": "loc"},
            "relation": "place_of_residence",
        }
    ],
}


@pytest.mark.parametrize(
    ("tool", "name"), [("labelstudio", "t.json"), ("doccano", "t.jsonl"), ("brat", "folder")]
)
def test_gold_goes_to_a_tool_and_back(tool, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gold.jsonl").write_text(json.dumps(GOLD) + "\n")
    assert main(["data", "export", tool, "gold.jsonl", name]) == 0
    assert main(["data", "convert", tool, name, "again.jsonl", "--tags", "default"]) == 0
    assert lines(tmp_path / "again.jsonl") == [GOLD]


def test_offsets_are_in_the_unit_of_the_tool(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gold.jsonl").write_text(json.dumps(GOLD) + "\n")
    for tool, name in (("labelstudio", "t.json"), ("doccano", "t.jsonl"), ("brat", "folder")):
        assert main(["data", "export", tool, "gold.jsonl", name]) == 0
    task = json.loads((tmp_path / "t.json").read_text())[0]["annotations"][0]["result"][0]
    assert (task["value"]["start"], task["value"]["end"]) == (2, 5)
    span = lines(tmp_path / "t.jsonl")[0]["entities"][0]
    assert (span["start_offset"], span["end_offset"]) == (3, 6)
    assert (tmp_path / "folder" / "1.ann").read_text().splitlines() == [
        "T1\tper 2 5\tAnn", "T2\tloc 9 13\tBonn", "R1\tplace_of_residence Arg1:T1 Arg2:T2\t",
    ]  # fmt: skip


def test_predictions_become_pre_annotations(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    quintuple = {**GOLD["quintuples"][0], "score": 0.5}
    (tmp_path / "found.jsonl").write_text(json.dumps({**GOLD, "quintuples": [quintuple]}) + "\n")
    assert main(["data", "export", "labelstudio", "found.jsonl", "t.json"]) == 0
    (task,) = json.loads((tmp_path / "t.json").read_text())
    assert "annotations" not in task
    assert task["predictions"][0]["score"] == 0.5
    assert task["predictions"][0]["result"][-1]["labels"] == ["place_of_residence"]
    assert '<Label value="per"' in (tmp_path / "t.xml").read_text()
    assert (
        main(["data", "export", "labelstudio", "found.jsonl", "g.json", "--as", "annotations"]) == 0
    )
    assert "annotations" in json.loads((tmp_path / "g.json").read_text())[0]


@pytest.mark.parametrize(
    ("tool", "content", "message"),
    [
        ("labelstudio", "[{}]", "bad:1: task 0: expected a task"),
        ("labelstudio", '[{"data": {"t": "x"}}]', "bad:1: task 0: data: missing 'text'"),
        ("doccano", '{"text": "x", "entities": [{}]}', "bad:1: entities[0]: "),
        (
            "doccano",
            '{"id": 1, "text": "x", "label": [[0, 9, "per"]]}',
            "the text has 1 characters",
        ),
        ("brat", None, "expected a folder of brat documents"),
        ("parquet", "id,text", "no Parquet file"),
    ],
)
def test_bad_input_is_one_line(tool, content, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad").write_text(content or "")
    assert main(["data", "convert", tool, "bad", "out.jsonl"]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "out.jsonl").exists()


def test_conll_has_the_entities(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nested = {**GOLD, "entities": [{"start": 2, "end": 13, "type": "misc"}]}
    (tmp_path / "gold.jsonl").write_text(json.dumps(GOLD) + "\n" + json.dumps(nested) + "\n")
    assert main(["data", "export", "conll", "gold.jsonl", "t.conll", "--types", "per=PER"]) == 0
    text = (tmp_path / "t.conll").read_text()
    assert "Ann\tB-PER\nin\tO\nBonn\tB-loc\n" in text
    assert "Ann\tB-misc\nin\tI-misc\nBonn\tI-misc\n" in text
    types = "PER=per,loc=loc,misc=misc"
    assert main(["data", "convert", "conll", "t.conll", "again.jsonl", "--types", types]) == 0
    again = lines(tmp_path / "again.jsonl")
    assert [each["type"] for each in again[0]["entities"]] == ["per", "loc"]
