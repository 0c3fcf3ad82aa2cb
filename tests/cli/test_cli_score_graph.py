import csv
import json

import pytest
from rdflib import RDFS, Graph

from jmere.cli import main

TEXT = "Ann met Bob in Rome"
ANN, BOB = {"start": 0, "end": 3, "type": "per"}, {"start": 8, "end": 11, "type": "per"}
ROME = {"start": 15, "end": 19, "type": "loc"}
PEER = {"head": ANN, "tail": BOB, "relation": "peer"}
LIVES = {"head": ANN, "tail": ROME, "relation": "place_of_residence"}


def lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


@pytest.fixture
def gold(tmp_path):
    posts = [{"id": str(at), "text": TEXT, "quintuples": [PEER, LIVES]} for at in range(2)]
    return lines(tmp_path / "gold.jsonl", *posts)


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    streams = capsys.readouterr()
    return code, streams.out, streams.err


def test_score_prints_one_json_object(gold, tmp_path, capsys):
    found = lines(tmp_path / "found.jsonl", {"id": "0", "quintuples": [{**PEER, "score": 0.9}]})
    code, out, err = run(capsys, "score", gold, found, "--reading", "directed", "--json")
    assert code == 0
    assert json.loads(out) == {
        "reading": "directed",
        "posts": 2,
        "jmere": {"precision": 1.0, "recall": 0.25, "f1": 0.4},
        "mner": {"precision": 1.0, "recall": 1 / 3, "f1": 0.5},
    }
    assert err == (f"{found}: 1 of 2 gold posts have no prediction and count as predicted empty\n")


def test_gold_is_a_perfect_prediction_in_a_table(gold, capsys):
    code, out, err = run(capsys, "score", gold, gold, "--reading", "undirected", "--tables")
    assert (code, err) == (0, "")
    assert out.startswith("undirected reading, 2 posts\n")
    rows = [line.split() for line in out.splitlines()]
    assert ["JMERE", "100.00", "100.00", "100.00", "4", "4", "4"] in rows
    assert ["place_of_residence", "100.00", "100.00", "100.00", "2", "2", "2"] in rows


def test_surface_takes_text_in_place_of_offsets(gold, tmp_path, capsys):
    named = {"head": {"text": "Ann", "type": "per"}, "tail": {"text": "Bob", "type": "per"}}
    found = lines(
        tmp_path / "found.jsonl", {"id": "0", "quintuples": [{**named, "relation": "peer"}]}
    )
    _, out, _ = run(capsys, "score", gold, found, "--reading", "surface", "--json")
    assert json.loads(out)["jmere"]["precision"] == 1
    code, out, err = run(capsys, "score", gold, found)
    assert (code, out) == (2, "")
    assert err == (
        f"jmere: {found}: predicted post '0': entity 'Ann' has no offsets; "
        "expected 'start' and 'end', or the reading 'surface'\n"
    )


def test_against_tests_the_difference(gold, tmp_path, capsys):
    worse = lines(tmp_path / "worse.jsonl", *({"id": str(at), "quintuples": []} for at in range(2)))
    arguments = ("score", gold, gold, "--against", worse, "--resamples", "50")
    value = json.loads(run(capsys, *arguments, "--json")[1])
    assert value["against"]["jmere"]["f1"] == 0
    assert value["difference"]["jmere"] == {"f1": 1, "low": 1, "high": 1, "p_value": 1 / 51}
    assert "JMERE  +100.00  +100.00  +100.00  0.0196" in run(capsys, *arguments)[1]


def test_an_mner_file_is_scored_by_its_entities(tmp_path, capsys):
    gold = lines(tmp_path / "gold.jsonl", {"id": "0", "text": TEXT, "entities": [ANN, ROME]})
    found = lines(tmp_path / "found.jsonl", {"id": "0", "entities": [ANN]})
    _, out, _ = run(capsys, "score", gold, found, "--json")
    assert json.loads(out)["mner"] == {"precision": 1.0, "recall": 0.5, "f1": 2 / 3}


@pytest.mark.parametrize(
    ("record", "options", "message"),
    [
        ({"id": "9"}, [], "predicted post '9' is not among the gold posts"),
        (
            {"id": "0"},
            ["--reading", "derected"],
            "unknown reading 'derected'; did you mean 'directed'",
        ),
        ({"text": "x"}, ["--strict"], "found.jsonl:1: missing 'id'"),
        ({"id": "0"}, ["--against", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_score_ends_in_one_line_on_bad_input(gold, tmp_path, capsys, record, options, message):
    found = lines(tmp_path / "found.jsonl", record)
    code, out, err = run(capsys, "score", gold, found, *options)
    assert (code, out) == (2, "")
    assert message in err.splitlines()[-1]


def test_duplicates_are_refused_with_their_file(gold, tmp_path, capsys):
    found = lines(tmp_path / "found.jsonl", {"id": "0"}, {"id": "0"})
    code, _, err = run(capsys, "score", gold, found)
    assert (code, err) == (
        2, f"jmere: {found}: duplicate predicted post id '0'\n",
    )  # fmt: skip


@pytest.fixture
def found(tmp_path):
    ends = {"head": {**ANN, "text": "Ann"}, "tail": {**BOB, "text": "Bob"}, "relation": "peer"}
    records = [
        {
            "id": str(at),
            "text": TEXT,
            "image": f"{at}.jpg",
            "quintuples": [{**ends, "score": score}],
        }
        for at, score in enumerate((0.9, 0.4))
    ]
    return lines(tmp_path / "found.jsonl", *records)


@pytest.mark.parametrize(("suffix", "form"), [("ttl", "turtle"), ("nt", "nt")])
def test_build_guesses_the_format(found, tmp_path, capsys, suffix, form):
    output = tmp_path / f"graph.{suffix}"
    code, out, err = run(capsys, "graph", "build", found, "-o", output)
    assert (code, err) == (0, "")
    assert out == f"{output}: posts 2, nodes 2, edges 1, evidence 2\n"
    assert len(set(Graph().parse(output, format=form).subjects(RDFS.label))) == 2


def test_build_for_neo4j_with_a_least_score_and_a_picture(found, tmp_path, capsys):
    output, picture = tmp_path / "neo", tmp_path / "graph.png"
    options = ("--format", "neo4j", "--min-score", "0.5", "--picture", picture, "--json")
    code, out, _ = run(capsys, "graph", "build", found, "-o", output, *options)
    assert code == 0
    assert json.loads(out) == {
        "output": str(output), "format": "neo4j", "posts": 2, "nodes": 2, "edges": 1, "evidence": 1,
        "bad_lines": 0, "nameless": 0,
    }  # fmt: skip
    with (output / "relationships.csv").open(encoding="utf-8", newline="") as stream:
        (edge,) = csv.DictReader(stream)
    (evidence,) = json.loads(edge["evidence"])
    assert evidence.items() >= {"post": "0", "image": "0.jpg", "score": 0.9}.items()
    assert (evidence["head_start"], evidence["tail_end"]) == (0, 11)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        ("graph.doc", [], "graph.doc: unknown suffix"),
        ("graph.ttl", ["--min-score", "2"], "'--min-score': expected a number from 0 to 1, got 2"),
        (
            "graph.ttl",
            ["--merge-score", "nan"],
            "'--merge-score': expected a number from 0 to 1, got nan",
        ),
        ("graph.ttl", ["--merge-posts", "0"], "Invalid value for '--merge-posts'"),
        ("graph.ttl", ["--base", "x y"], "'x y' is not a valid base IRI"),
        ("graph.ttl", ["--picture", "graph.gif"], "graph.gif: cannot draw .gif"),
    ],
)
def test_build_ends_in_one_line_on_bad_input(found, tmp_path, capsys, output, options, message):
    code, out, err = run(capsys, "graph", "build", found, "-o", tmp_path / output, *options)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not (tmp_path / output).exists()


BAD = '{"id": "1", "text": 5}\n{"quintuples": []}\n{\n'


@pytest.mark.parametrize("content", [BAD, "", "\n\n"])
def test_a_file_without_a_good_line_is_an_error(gold, tmp_path, capsys, content):
    bad, graph = tmp_path / "bad.jsonl", tmp_path / "graph.ttl"
    bad.write_text(content, encoding="utf-8")
    reason = "all 3 lines are bad" if content == BAD else "the file is empty"
    for arguments in (("graph", "build", bad, "-o", graph), ("score", gold, bad)):
        code, out, err = run(capsys, *arguments)
        assert (code, out) == (1, "")
        assert err.splitlines()[-1] == f"jmere: {bad}: nothing was read: {reason}"
    assert not graph.exists()


def test_a_bad_line_is_passed_over_and_counted(gold, tmp_path, capsys):
    mixed, graph = tmp_path / "mixed.jsonl", tmp_path / "graph.ttl"
    ends = {"head": {"text": "Ann", "type": "per"}, "tail": {"text": "Bob", "type": "per"}}
    line = json.dumps({"id": "0", "quintuples": [{**ends, "relation": "peer"}]})
    mixed.write_text(f"{BAD}{line}\n", encoding="utf-8")
    code, out, err = run(capsys, "graph", "build", mixed, "-o", graph)
    assert (code, out) == (0, f"{graph}: posts 1, nodes 2, edges 1, evidence 1\n")
    assert f"{mixed}:2: missing 'id'; skipped\n" in err
    assert err.endswith("bad lines skipped: 3\n")
    code, out, err = run(capsys, "score", gold, mixed, "--reading", "surface", "--json")
    assert (code, json.loads(out)["jmere"]["precision"]) == (0, 1)
    assert "1 of 2 gold posts have no prediction" in err

    for arguments in (("graph", "build", mixed, "-o", graph), ("score", gold, mixed)):
        code, out, err = run(capsys, *arguments, "--strict")
        assert (code, out) == (2, "")
        assert err.startswith(f"jmere: {mixed}:1: ")
        assert err.count("\n") == 1


def test_build_says_what_it_left_out_and_merges_as_told(tmp_path, capsys):
    def names(head, tail, score):
        ends = [{"text": text, "type": "loc"} for text in (head, tail)]
        link = {"head": ends[0], "tail": ends[1], "relation": "alternate_names", "score": score}
        return {"id": f"{head} {tail}", "quintuples": [link]}

    found = lines(
        tmp_path / "found.jsonl",
        names("Paris", "London", 0.05),
        names("Genève", "Genf", 0.6),
        names("Geneve", "Genf", 0.6),
        names("\u200b", "Rome", 0.9),
    )
    arguments = ("graph", "build", found, "-o", tmp_path / "graph.ttl")
    _, out, err = run(capsys, *arguments)
    assert "nodes 3, edges 1" in out
    assert err == "quintuples skipped because an end has no visible character: 1\n"
    value = json.loads(run(capsys, *arguments, "--json", "--merge-score", "0.7")[1])
    assert (value["nodes"], value["edges"], value["nameless"]) == (4, 2, 1)
    value = json.loads(run(capsys, *arguments, "--json", "--merge-score", "0.05")[1])
    assert (value["nodes"], value["edges"]) == (2, 0)
    options = ("--keep-accents", "--alternate-names", "")
    value = json.loads(run(capsys, *arguments, "--json", *options)[1])
    assert (value["nodes"], value["edges"]) == (5, 3)


def test_build_writes_nothing_from_a_bad_file(tmp_path, capsys):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "1", "text": "x"}\n{"id": [2]}\n', encoding="utf-8")
    code, _, err = run(capsys, "graph", "build", bad, "-o", tmp_path / "graph.ttl", "--strict")
    assert code == 2
    assert f"{bad}:2: id: expected a string" in err
    assert not (tmp_path / "graph.ttl").exists()
