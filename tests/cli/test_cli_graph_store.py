import csv
import io
import json
import sys

import pytest

from jmere.cli import main


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    streams = capsys.readouterr()
    return code, streams.out, streams.err


def post(name, text, head, tail, relation="member_of", score=0.5, **origin):
    ends = {
        key: {
            "text": label,
            "type": kind,
            "start": text.find(label),
            "end": text.find(label) + len(label),
        }
        for key, (label, kind) in {"head": (head, "per"), "tail": (tail, "org")}.items()
    }
    quintuple = {**ends, "relation": relation, "score": score}
    return {"schema_version": 1, "id": name, "text": text, "quintuples": [quintuple], **origin}


POSTS = [
    post("1", "Lionel Messi leaves Barcelona", "Lionel Messi", "Barcelona", author="ann"),
    post("2", "RT @ann: Lionel Messi leaves Barcelona", "Lionel Messi", "Barcelona", author="bob"),
    post("3", "Messi wins with FC Barcelona", "Messi", "FC Barcelona", time=1714557600),
    post("4", "Messi is with FC Barcelona", "Messi", "FC Barcelona", "religion"),
]


@pytest.fixture
def found(tmp_path):
    path = tmp_path / "found.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in POSTS), encoding="utf-8")
    return path


@pytest.fixture
def store(found, tmp_path, capsys):
    folder = tmp_path / "store"
    code, _, err = run(capsys, "graph", "build", found, "--store", folder)
    assert (code, err) == (0, "")
    return folder


def test_build_says_what_was_new(found, tmp_path, capsys):
    folder = tmp_path / "store"
    code, out, _ = run(capsys, "graph", "build", found, "--store", folder)
    assert (code, out) == (
        0, f"{folder}: added 4, repeated 0, posts 4, nodes 4, edges 3, evidence 4\n",
    )  # fmt: skip
    code, out, _ = run(capsys, "graph", "build", found, "--store", folder, "--json")
    assert json.loads(out) == {
        "store": str(folder), "added": 0, "repeated": 4, "posts": 4, "nodes": 4, "edges": 3,
        "evidence": 4, "bad_lines": 0, "nameless": 0,
    }  # fmt: skip


def test_a_store_is_exported_like_a_file(found, store, tmp_path, capsys):
    direct, exported = tmp_path / "direct.nt", tmp_path / "exported.nt"
    assert run(capsys, "graph", "build", found, "-o", direct)[0] == 0
    assert run(capsys, "graph", "build", "--store", store, "-o", exported)[0] == 0
    assert direct.read_bytes() == exported.read_bytes()


def test_query_prints_a_table_json_or_csv(store, capsys):
    query = "SELECT ?who ?texts { ?e term:texts ?texts ; term:posts 2 ; term:head ?who }"
    code, out, err = run(capsys, "graph", "query", store, query)
    assert (code, err) == (0, "")
    header, row = out.splitlines()
    assert header.split() == ["who", "texts"]
    assert row.startswith("entity:lionel-messi-")
    assert row.endswith("  1")
    out = run(capsys, "graph", "query", store, query, "--format", "json")[1]
    assert json.loads(out)["results"]["bindings"][0]["texts"]["value"] == "1"
    out = run(capsys, "graph", "query", store, query, "--format", "csv")[1]
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["texts"] == "1"


def test_query_prints_truth_and_graphs(store, capsys, monkeypatch):
    assert run(capsys, "graph", "query", store, "ASK {}")[1] == "true\n"
    construct = "CONSTRUCT { ?a rdfs:label ?b } { ?a rdfs:label ?b FILTER (?b = 'Messi') }"
    out = run(capsys, "graph", "query", store, construct)[1]
    assert out.endswith('<http://www.w3.org/2000/01/rdf-schema#label> "Messi" .\n')
    monkeypatch.setattr(sys, "stdin", io.StringIO(construct))
    out = run(capsys, "graph", "query", store, "-", "--format", "csv")[1]
    assert [row["object"] for row in csv.DictReader(io.StringIO(out))] == ["Messi"]


def test_stats_of_a_store(store, capsys):
    value = json.loads(run(capsys, "graph", "stats", store, "--json")[1])
    assert (value["posts"], value["texts"], value["authors"]) == (4, 3, 2)
    assert value["relations"] == {"member_of": 2, "religion": 1}
    assert value["first_time"] == "2024-05-01T10:00:00Z"
    out = run(capsys, "graph", "stats", store)[1]
    assert "member_of      2" in out


def test_forget_removes_posts_and_counts_what_is_left(store, capsys):
    code, out, _ = run(capsys, "graph", "forget", store, "--post", "4", "--author", "ann")
    assert (code, out) == (0, f"{store}: removed 2, posts 2, nodes 4, edges 2, evidence 2\n")
    value = json.loads(run(capsys, "graph", "forget", store, "--author", "bob", "--json")[1])
    assert (value["removed"], value["nodes"]) == (1, 2)


def test_a_review_becomes_an_aliases_file(found, store, tmp_path, capsys):
    aliases = tmp_path / "aliases.csv"
    out = run(capsys, "graph", "review", found)[1]
    assert "one name is a part of the other" in out
    assert run(capsys, "graph", "review", store, "-o", aliases)[1].endswith("candidates 2\n")
    assert run(capsys, "graph", "build", "--store", store, "--aliases", aliases)[0] == 0
    assert json.loads(run(capsys, "graph", "review", store, "--json")[1]) == {"candidates": []}
    assert json.loads(run(capsys, "graph", "stats", store, "--json")[1])["nodes"] == 2
    aliases.write_text("name,type,canonical\n")
    assert run(capsys, "graph", "build", "--store", store, "--aliases", aliases)[0] == 0
    assert json.loads(run(capsys, "graph", "stats", store, "--json")[1])["nodes"] == 4


def test_relations_are_kept_out(found, tmp_path, capsys):
    out = tmp_path / "graph.nt"
    options = ("--exclude-relations", "religion, race", "-o", out)
    code, _, err = run(capsys, "graph", "build", found, *options)
    assert (code, err) == (0, "quintuples skipped because of --exclude-relations: 1\n")
    assert "religion" not in out.read_text()


def test_texts_are_kept_on_request(found, tmp_path, capsys):
    plain, full = tmp_path / "plain.nt", tmp_path / "full.nt"
    assert run(capsys, "graph", "build", found, "-o", plain)[0] == 0
    assert run(capsys, "graph", "build", found, "-o", full, "--keep-text")[0] == 0
    assert "leaves" not in plain.read_text()
    assert '"Lionel Messi leaves Barcelona"' in full.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "FOUND"], "give --output, or --store, or both"),
        (["build", "-o", "x.ttl"], "give a file of predictions, or --store"),
        (["build", "FOUND", "--store", "FOUND"], "would overwrite the input"),
        (["build", "FOUND", "-o", "x.ttl", "--aliases", "no.csv"], "no.csv: No such file"),
        (["query", "STORE", "SELECT"], "error at"),
        (["query", "STORE", "DROP ALL"], "updates are not allowed"),
        (["query", "STORE", "ASK {}", "--format", "xml"], "unknown format 'xml'; known: csv, json"),
        (["query", "nowhere", "ASK {}"], "nowhere: is not a graph store"),
        (["query", "STORE", "ASK {}", "--seconds", "0"], "Invalid value for '--seconds'"),
        (["stats", "nowhere"], "nowhere: is not a graph store"),
        (["forget", "STORE"], "give --post or --author"),
        (["forget", "nowhere", "--post", "1"], "nowhere: is not a graph store"),
        (["review", "nowhere.jsonl"], "nowhere.jsonl: No such file"),
    ],
)
def test_bad_input_is_one_line(found, store, capsys, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"FOUND": str(found), "STORE": str(store)}
    code, out, err = run(capsys, "graph", *(names.get(each, each) for each in arguments))
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_query_that_runs_too_long_is_told(store, capsys):
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
    endless = endless.replace("AS ?n", "AS ?count")
    code, _, err = run(capsys, "graph", "query", store, endless, "--seconds", "1")
    assert (code, err) == (2, "jmere: the query was stopped after 1 seconds\n")


def test_nothing_read_leaves_the_store_as_it_was(store, tmp_path, capsys):
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    before = run(capsys, "graph", "stats", store, "--json")
    assert run(capsys, "graph", "build", bad, "--store", store)[0] == 1
    assert run(capsys, "graph", "stats", store, "--json") == before
