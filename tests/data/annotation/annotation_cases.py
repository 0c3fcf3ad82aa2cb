"""Posts for the tests of annotation tools: made by hypothesis, and those of the data sets."""

from hypothesis import strategies as st

from jmere import Entity, Post, Quintuple

EMOJI = "\N{GRINNING FACE}\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{REGIONAL INDICATOR SYMBOL LETTER D}"
LETTERS = st.one_of(
    st.sampled_from(list(f"ab \n.#@é{EMOJI}\u0301")),
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
)
NAMES = st.sampled_from(["per", "loc", "member of", "/per/org/x", "ö-1", "a|b, <c>", "é\u0301"])


@st.composite
def posts(draw, name: str = "1") -> Post:
    """A post with any text, nested and overlapping entities, and relations both ways."""
    tokens = draw(st.none() | st.lists(st.text(LETTERS, min_size=1, max_size=5), min_size=1))
    text = " ".join(tokens) if tokens is not None else draw(st.text(LETTERS, min_size=1))
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(
        lambda span: span[0] < span[1]
    )
    entities = [
        Entity(text[start:end], kind, start, end)
        for start, end, kind in draw(
            st.lists(st.tuples(spans, NAMES).map(lambda each: (*each[0], each[1])), max_size=6)
        )
    ]
    ends = st.sampled_from(entities) if entities else st.nothing()
    pairs = st.tuples(ends, ends).filter(
        lambda pair: (pair[0].start, pair[0].end) != (pair[1].start, pair[1].end)
    )
    quintuples = [
        Quintuple(head, tail, name)
        for (head, tail), name in (
            draw(st.lists(st.tuples(pairs, NAMES), max_size=4, unique=True))
            if len({(each.start, each.end) for each in entities}) > 1
            else []
        )
    ]
    used = {end for each in quintuples for end in (each.head, each.tail)}
    rest = [each for each in dict.fromkeys(entities) if each not in used]
    fields = {"text": text} if tokens is None else {"tokens": tokens}
    alt_text = draw(st.none() | st.text(LETTERS))
    return Post(**fields, id=name, alt_text=alt_text, quintuples=quintuples, entities=rest)


def same(found: Post, given: Post) -> None:
    """Assert that nothing was lost; the order of relations has no meaning."""
    assert set(found.quintuples) == set(given.quintuples)
    assert len(found.quintuples) == len(given.quintuples)
    assert found.entities == given.entities
    assert (found.id, found.text, found.tokens) == (given.id, given.text, given.tokens)
    assert (found.alt_text, found.image) == (given.alt_text, given.image)
    assert found.scene_graph == given.scene_graph
