"""Posts and comparisons for the tests of the store."""

from pyoxigraph import DefaultGraph, RdfFormat, Store

from jmere.knowledge.write import write_graph
from jmere.records import Entity, Extraction, Quintuple


def claim(head, relation, tail, score=None, kinds=("per", "per")):
    ends = (Entity(name, kind, -1, -1) for name, kind in zip((head, tail), kinds, strict=True))
    return Quintuple(*ends, relation, score)


def post(name, *claims, text="", alone=(), **origin):
    entities = tuple(Entity(each, "loc", -1, -1) for each in alone)
    return Extraction(name, text, claims, entities, **origin)


POSTS = [
    post("1", claim("Ann", "peer", "Bob", 0.5), text="Ann and Bob", author="u", time="2024-01-01"),
    post("2", claim("Ann", "peer", "Bob", 0.6), text="RT @u: Ann and Bob!", author="v"),
    post(
        "3", claim("ann", "couple", "Cy", 0.9), alone=("Paris",), author="u", url="http://e.org/3"
    ),
    post("4", claim("Beyoncé", "peer", "Cy", 0.3), text="Beyoncé meets Cy", author="v"),
    post("5", claim("Beyonce", "peer", "Bob"), alone=("Paris",), text="Beyonce meets Bob"),
    post("6", claim("Queen B", "alternate_names", "Beyoncé", 0.8), author="w", language="en"),
    post("7", claim("Queen B", "peer", "Di", 0.4), image="7.jpg", author="w", model="m"),
    post("8", alone=("Oslo",), author="secret-author"),
    post("9"),
]


def triples_of(graph, folder):
    """Triples of the graph as a file."""
    path = folder / "expected.nt"
    write_graph(graph, path)
    return sorted(path.read_text(encoding="utf-8").splitlines())


def triples_in(store):
    """Triples of the published graph of a store."""
    opened = Store.read_only(str(store.published()))
    text = opened.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    return sorted(text.decode().splitlines())
