"""Posts for the tests of annotation tools: made by hypothesis, and those of the data sets."""

from hypothesis import strategies as st

from jmere import Post

EMOJI = (
    "\N{GRINNING FACE}\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{REGIONAL INDICATOR SYMBOL LETTER D}"
)
LETTERS = st.one_of(
    st.sampled_from(list(f"ab \n.#@é{EMOJI}\u0301")),
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
)
NAMES = st.sampled_from(["per", "loc", "member of", "/per/org/x", "ö-1", "a|b, <c>", "é\u0301"])


@st.composite
def records(draw) -> dict[str, object]:
    """A post as JSON: any text, nested and overlapping entities, and relations both ways."""
    tokens = draw(st.none() | st.lists(st.text(LETTERS, min_size=1, max_size=5), min_size=1))
    text = " ".join(tokens) if tokens is not None else draw(st.text(LETTERS, min_size=1))
    offsets = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = st.tuples(offsets.filter(lambda span: span[0] < span[1]), NAMES)
    entities = draw(st.lists(spans, max_size=6, unique=True))
    pairs = [
        (head, tail) for head in entities for tail in entities if head[0] != tail[0]
    ]  # a relation needs two spans
    links = st.lists(st.tuples(st.sampled_from(pairs), NAMES), max_size=4, unique=True)
    quintuples = draw(links) if pairs else []
    used = {end for pair, _ in quintuples for end in pair}
    return {
        "id": "1",
        **({"text": text} if tokens is None else {"tokens": tokens}),
        "alt_text": draw(st.none() | st.text(LETTERS)),
        "quintuples": [
            {"head": _entity(head), "tail": _entity(tail), "relation": name}
            for (head, tail), name in quintuples
        ],
        "entities": [_entity(each) for each in entities if each not in used],
    }


def _entity(span: tuple[tuple[int, int], str]) -> dict[str, object]:
    (start, end), kind = span
    return {"start": start, "end": end, "type": kind}


def same(found: Post, given: Post) -> None:
    """Assert that nothing was lost; the order of relations has no meaning."""
    assert set(found.quintuples) == set(given.quintuples)
    assert len(found.quintuples) == len(given.quintuples)
    assert found.entities == given.entities
    assert (found.id, found.text, found.tokens) == (given.id, given.text, given.tokens)
    assert (found.alt_text, found.image) == (given.alt_text, given.image)
    assert found.scene_graph == given.scene_graph
