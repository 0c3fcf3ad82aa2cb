import pytest

from jmere.errors import DataError
from jmere.knowledge.aliases import read_aliases
from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Node
from jmere.knowledge.merge import merge
from jmere.knowledge.read_rdf import read_rdf
from jmere.knowledge.review import merge_candidates, write_candidates
from jmere.knowledge.write import write_graph
from jmere.records import Entity, Extraction, Quintuple


def graph(names, links=(), mentions=()):
    kinds = {name: "org" if name.startswith("The ") else "per" for name in names}
    counts = dict(mentions)
    nodes = [Node(name, name, kinds[name], mentions=counts.get(name, 1)) for name in names]
    edges = [
        Edge(head, relation, tail, (Evidence("1", score=score),))
        for head, relation, tail, score in links
    ]
    return KnowledgeGraph(tuple(nodes), tuple(edges))


def pairs(graph, **options):
    return [(it.name, it.canonical) for it in merge_candidates(graph, **options)]


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Cristiano Ronaldo", "Christiano Ronaldo", "names 97% alike"),
        ("Messi", "Lionel Messi", "one name is a part of the other"),
        ("UN", "United Nations", "one name is the initials of the other"),
        ("Co-op", "Coop", "names 100% alike"),
        ("Ronaldo Cristiano", "Cristiano Ronaldo", "names 100% alike"),
    ],
)
def test_names_that_are_alike_are_listed_with_the_reason(one, other, reason):
    (found,) = merge_candidates(graph([one, other]))
    assert {found.name, found.canonical} == {one, other}
    assert (found.type, found.reason) == ("per", reason)
    assert 0.4 <= found.score <= 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann", "Zoe"), ("iPhone 5", "iPhone 6"), ("Anna Berg", "Otto Lund"), ("Messi", "The Messi")],
)
def test_other_names_and_other_types_are_not(one, other):
    assert pairs(graph([one, other])) == []


def test_shared_neighbours_make_a_merge_more_likely():
    friends = ["Xavi", "Puyol", "Bojan"]
    links = [(head, "peer", it, 1.0) for head in ("Messi", "Leo Messi") for it in friends]
    names = ["Messi", "Leo Messi", *friends]
    alone = merge_candidates(graph(["Messi", "Leo Messi"]))[0]
    best = merge_candidates(graph(names, links))[0]
    assert best.score > alone.score
    assert best.reason.endswith("3 shared neighbours: Bojan, Puyol, Xavi")


def test_two_things_with_a_relation_between_them_are_less_likely_one():
    linked = graph(["Jon Snow", "Jan Snow"], [("Jon Snow", "siblings", "Jan Snow", 1.0)])
    assert pairs(graph(["Jon Snow", "Jan Snow"])) == [("Jan Snow", "Jon Snow")]
    assert pairs(linked) == []


def test_a_post_that_says_so_with_a_low_score_is_a_reason():
    said = graph(["Zoe", "Ann"], [("Zoe", "alternate_names", "Ann", 0.45)])
    (found,) = merge_candidates(said)
    assert (found.score, found.reason) == (0.45, "a post says so, score 0.45")


def test_the_name_of_more_texts_is_the_canonical_one():
    found = pairs(graph(["Lionel Messi", "Messi"], mentions=[("Messi", 9)]))
    assert found == [("Lionel Messi", "Messi")]


def post(name, head):
    ends = Entity(head, "per", -1, -1), Entity("Barcelona", "org", -1, -1)
    return Extraction(name, "", (Quintuple(*ends, "member_of", 0.5),), ())


def test_what_is_listed_can_be_accepted(tmp_path):
    posts = [post("1", "Messi"), post("2", "Lionel Messi")]
    path = tmp_path / "aliases.csv"
    with path.open("w", encoding="utf-8", newline="\n") as out:
        write_candidates(merge_candidates(merge(posts)), out)
    aliases = read_aliases(path)
    merged = merge(posts, aliases=aliases)
    assert len(merged.nodes) == 2
    assert merge_candidates(merged) == []


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld"])
def test_a_graph_file_is_reviewed_like_its_posts(tmp_path, suffix):
    made = merge([post("1", "Messi"), post("2", "Lionel Messi"), post("3", "Émile %41")])
    path = tmp_path / f"graph.{suffix}"
    write_graph(made, path, base="https://e.org/")
    read = read_rdf(path, base="https://e.org/")
    assert [(node.id, node.label, node.type) for node in read.nodes] == [
        (node.id, node.label, node.type) for node in made.nodes
    ]
    assert merge_candidates(read) == merge_candidates(made)


def test_a_file_that_is_no_graph_is_told(tmp_path):
    path = tmp_path / "graph.ttl"
    path.write_text("<a <b")
    with pytest.raises(DataError, match=r"graph\.ttl: not RDF"):
        read_rdf(path)
    write_graph(merge([post("1", "Messi")]), path, base="https://e.org/")
    with pytest.raises(DataError, match="has no graph with the base IRI 'urn:jmere:'"):
        read_rdf(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("term:head entity", "term:side entity"),
        ("term:pooledScore 0.5", 'term:pooledScore "much"'),
        ("term:mentions 1", 'term:mentions "many"'),
    ],
)
def test_a_damaged_graph_file_is_told_in_one_line(old, new, tmp_path):
    head, tail = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
    quintuple = Quintuple(head, tail, "lives_in", 0.5)
    path = tmp_path / "graph.ttl"
    write_graph(merge([Extraction("1", "Ann lives in Bonn", (quintuple,), ())]), path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match="has an edge without its ends, or a count or score"):
        read_rdf(path)
