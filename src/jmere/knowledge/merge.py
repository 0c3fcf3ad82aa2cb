"""Entity merging: from the quintuples of many posts to one knowledge graph.

Two mentions become one node if their types are equal and

- their names have the same key (``jmere.knowledge.matching``), or

- the keys differ only in accents, unless ``fold_accents`` is off, or

- enough posts state that one is another name of the other, or

- an aliases file says so.

A node lists the names merged for the last three reasons, with the posts. Memory grows with the
graph, not with the texts of the posts.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

from jmere.knowledge.aliases import Aliases
from jmere.knowledge.assemble import Assembly, MergeRules
from jmere.knowledge.counting import text_name
from jmere.knowledge.graph import Evidence, KnowledgeGraph
from jmere.knowledge.reading import PostReader, PredictedPost
from jmere.knowledge.unify import NodeKey, Threshold

ALTERNATE_NAMES = "alternate_names"
"""Relation of the JMERE tag set between two names of one entity."""

MERGE_SCORE = 0.5
"""Minimum score for one post to merge two names. Scores are calibrated, so above it the post is
more likely right than wrong.
"""

MERGE_POSTS = 3
"""Number of posts that merge two names if each has half of the score."""


def merge(
    posts: Iterable[PredictedPost],
    *,
    alternate_names: str | None = ALTERNATE_NAMES,
    min_score: float = 0.0,
    merge_score: float = MERGE_SCORE,
    merge_posts: int = MERGE_POSTS,
    fold_accents: bool = True,
    aliases: Aliases | None = None,
    exclude_relations: Collection[str] = (),
    lone_entities: bool = True,
    keep_text: bool = False,
) -> KnowledgeGraph:
    """Merge the quintuples of posts into a graph that is independent of their order.

    Args:
        posts: Taken one at a time; only names and evidence are kept.
        alternate_names: The relation that merges its two nodes, where they are of one type;
            ``None`` merges by name alone.
        min_score: Quintuples that are less sure are left out; those without a score stay.
        merge_score: Score from which on one post's ``alternate_names`` merges. Below it the
            relation stays an edge. Gold quintuples, without a score, merge.
        merge_posts: Number of posts that merge where each has half of ``merge_score``.
        fold_accents: Whether names that differ in accents alone are one.
        aliases: Names of one thing, as ``jmere.knowledge.read_aliases`` reads them.
        exclude_relations: Relations that are left out.
        lone_entities: Whether entities outside quintuples are nodes.
        keep_text: Whether evidence has the texts of posts.

    Example:
        >>> from jmere.records import Entity, Post, Quintuple
        >>> ends = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
        >>> post = Post("Ann lives in Bonn", quintuples=[Quintuple(*ends, "place_of_residence")])
        >>> graph = merge([post])
        >>> [node.label for node in graph.nodes], len(graph.edges)
        (['Ann', 'Bonn'], 1)
    """
    merger = Merger(
        alternate_names=alternate_names,
        min_score=min_score,
        merge_score=merge_score,
        merge_posts=merge_posts,
        fold_accents=fold_accents,
        aliases=aliases,
        exclude_relations=exclude_relations,
        lone_entities=lone_entities,
        keep_text=keep_text,
    )
    with collector_paused():
        for post in posts:
            merger.add(post)
        return merger.graph()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the search for reference cycles: records have none, and it takes a quarter of the time.

    Where it was off before, it stays off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Merger:
    """Incremental builder of a knowledge graph; ``merge`` explains the options.

    A ``reader`` stands in place of the options of what is read.
    """

    def __init__(
        self,
        *,
        alternate_names: str | None = ALTERNATE_NAMES,
        min_score: float = 0.0,
        merge_score: float = MERGE_SCORE,
        merge_posts: int = MERGE_POSTS,
        fold_accents: bool = True,
        aliases: Aliases | None = None,
        exclude_relations: Collection[str] = (),
        lone_entities: bool = True,
        keep_text: bool = False,
        reader: PostReader | None = None,
    ) -> None:
        self.rules = MergeRules(
            alternate_names=alternate_names,
            threshold=Threshold(score=merge_score, posts=merge_posts),
            fold_accents=fold_accents,
            aliases=Aliases() if aliases is None else aliases,
        )
        self.reader = reader or PostReader(
            min_score=min_score,
            exclude=exclude_relations,
            alone=lone_entities,
            keep_text=keep_text,
        )
        self._keys: dict[NodeKey, int] = {}
        self._forms: list[Counter[str]] = []
        self._counted: set[int] = set()
        self._evidence: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)
        self._mentions: dict[int, list[Evidence]] = defaultdict(list)

    @property
    def posts(self) -> int:
        """Return the number of posts."""
        return self.reader.posts

    @property
    def nameless(self) -> int:
        """Return the number of quintuples skipped because an end has no visible character."""
        return self.reader.nameless

    def add(self, post: PredictedPost) -> None:
        """Add the quintuples and entities of one post."""
        reading = self.reader.read(post)
        text = text_name(reading.post, self.posts)
        indices = [self._index(mention.key) for mention in reading.mentions]
        for index, mention in zip(indices, reading.mentions, strict=True):
            if (counted := _number(index, mention.form, text)) not in self._counted:
                self._counted.add(counted)
                self._forms[index][mention.form] += 1
            if mention.alone:
                self._mentions[index].append(reading.mention_evidence(mention))
        for claim in reading.claims:
            link = (indices[claim.head], claim.relation, indices[claim.tail])
            self._evidence[link].append(reading.evidence(claim))

    def graph(self) -> KnowledgeGraph:
        """Build the graph of the posts so far."""
        assembly = Assembly(list(self._keys), self._forms, self._mentions, self._evidence)
        return assembly.graph(self.rules)

    def _index(self, key: NodeKey) -> int:
        index = self._keys.setdefault(key, len(self._keys))
        if index == len(self._forms):
            self._forms.append(Counter())
        return index


def _number(index: int, form: str, text: str) -> int:
    """Return a number for a mention; texts and names themselves need more memory."""
    parts = f"{index}\0{form}\0{text}".encode(errors="surrogatepass")
    return int.from_bytes(blake2b(parts, digest_size=8).digest(), "little")
