import pytest
from matplotlib.image import imread

from jmere.knowledge.drawing.draw import best_connected, draw
from jmere.knowledge.drawing.layout import layout
from jmere.knowledge.drawing.picture import drawable, figure_of
from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Node

SEEN = (Evidence("1"),)


def star(leaves, name="hub"):
    return [Edge(name, "peer", f"{name}-{leaf}", SEEN) for leaf in range(leaves)]


def graph_of(edges, label=str):
    names = sorted({end for edge in edges for end in (edge.head, edge.tail)})
    return KnowledgeGraph(tuple(Node(name, label(name), "per") for name in names), tuple(edges))


def test_a_picture_is_drawn(tmp_path):
    edges = [
        *star(3),
        Edge("a", "couple", "b", SEEN),
        Edge("b", "couple", "a", SEEN),
        Edge("c", "peer", "c", SEEN),
    ]
    assert draw(graph_of(edges), tmp_path / "graph.png") == 7
    picture = imread(tmp_path / "graph.png")
    assert picture.min() < 0.5 < picture.max()


@pytest.mark.parametrize(
    "name",
    [
        "🚀🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "東京",
        "دوحة",
        "$x_{$ \\frac",
        "nul\0\x07",
        "\ud800",
        "",
        "x" * 10_000,
        "two\nlines",
        "٪%<&>",
    ],
)
def test_no_name_breaks_a_picture_or_warns(tmp_path, name):
    graph = KnowledgeGraph(
        (Node("a", name, name), Node("b", "Bob", "per")), (Edge("a", name, "b", SEEN),)
    )
    assert draw(graph, tmp_path / "graph.png") == 2
    assert draw(graph, tmp_path / "graph.svg") == 2


def test_every_name_relation_and_type_is_on_it():
    graph = graph_of([Edge("Ann", "peer", "Bob", SEEN), Edge("Ann", "couple", "Bob", SEEN)])
    (axes,) = figure_of(graph.nodes, graph.edges).axes
    assert sorted(text.get_text() for text in axes.texts) == ["Ann", "Bob", "couple, peer", "per"]


def test_an_arrow_names_two_relations_and_counts_the_rest():
    graph = graph_of([Edge("Ann", name, "Bob", SEEN) for name in ("d", "b", "c", "a")])
    (axes,) = figure_of(graph.nodes, graph.edges).axes
    assert "a, b +2" in [text.get_text() for text in axes.texts]


def test_a_large_graph_shows_its_best_connected_part():
    edges = [*star(50, "big"), *star(3, "small")]
    kept = best_connected(edges, 10)
    assert len(kept) == 9
    assert {edge.head for edge in kept} == {"big"}
    assert best_connected(edges, 100) == sorted(edges, key=lambda edge: (edge.head, edge.tail))


def test_an_empty_graph_is_an_empty_page(tmp_path):
    assert draw(KnowledgeGraph(), tmp_path / "graph.png") == 0
    assert imread(tmp_path / "graph.png").min() == 1


def test_boxes_do_not_overlap_and_stay_on_the_paper():
    networkx = pytest.importorskip("networkx")
    graph = networkx.DiGraph()
    pairs = [(edge.head, edge.tail) for edge in [*star(9), *star(2, "b"), *star(1, "c")]]
    graph.add_edges_from(pairs, width=0.6)
    sizes = dict.fromkeys(graph, (1.5, 0.3))
    places, (width, height) = layout(graph, sizes)
    for name, (x, y) in places.items():
        assert 0.75 <= x <= width - 0.75
        assert 0.15 <= y <= height - 0.15
        for other, (u, v) in places.items():
            assert name == other or abs(x - u) > 1.499 or abs(y - v) > 0.299


def test_characters_the_font_lacks_become_boxes():
    assert drawable("Ann 東") == "Ann □"
    assert drawable("y" * 99) == "y" * 27 + "…"


def test_another_kind_of_picture_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"graph.gif: cannot draw .gif; expected .png or .svg"):
        draw(KnowledgeGraph(), tmp_path / "graph.gif")
