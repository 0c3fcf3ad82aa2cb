"""Decode scored word-pair grids into links and mentions, a batch at a time."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int

from jmere.grid.calibration import Calibration
from jmere.grid.confidence import confidence
from jmere.grid.relations import Relations, find_relations
from jmere.grid.signatures import Signature, admitted_types
from jmere.grid.spans import Spans, find_spans
from jmere.records import Link, Mention
from jmere.tags import TagSet

_LARGEST_BIAS = 1e6
"""Of a bias, in nats: far beyond any score, and far from where float32 overflows."""


@dataclass(frozen=True, kw_only=True)
class DecodeOptions:
    """Options of decoding.

    Example:
        >>> DecodeOptions(longest=8).entity_bias
        0.0
    """

    symmetric: bool = False
    """Whether relations are tagged on both sides of the diagonal, as in the paper."""
    longest: int | None = None
    """Maximum number of words of an entity; unlimited if not given."""
    entity_bias: float = 0.0
    """Added to the gain of every entity, in nats; higher values find more entities."""
    relation_bias: float = 0.0
    """Added to the gain of every relation, in nats; higher values find more relations."""
    window: int = 0
    """Words of the overlapping windows in which a crowded post is read; 0: it is read whole."""
    window_step: int = 6
    """Words between the starts of the windows of a long sentence."""
    window_beyond: int = 32
    """Words up to which a post is read whole."""
    window_dense: int = 0
    """Maximum words of a sentence of a dense post, whose sentences are read one by one: three or
    more, each with two capitalised words or more; 0: it is read as any other."""
    across: float = 1.0
    """Factor of the probability of a relation between two sentences of a post read in windows."""
    skip_addresses: bool = False
    """Read a post without the web addresses at its end."""
    join_touching: bool = False
    """Join names of one type that follow each other with no relation: *San* and *Diego*."""
    asserted_only: bool = False
    """Leave out relations that an English sentence denies, asks or supposes."""
    names_with_facts: float | None = None
    """Score from which a name of the head for names becomes an entity of a post with a quintuple,
    where no entity is; by default none does."""
    names_without_facts: float | None = None
    """The same for a post without a quintuple, where names go before entities that overlap them."""

    def __post_init__(self) -> None:
        if self.longest is not None and self.longest < 1:
            raise ValueError(f"decoding.longest must be at least 1, got {self.longest}")
        for name in ("window", "window_beyond", "window_dense"):
            if getattr(self, name) < 0:
                raise ValueError(f"decoding.{name} must not be negative, got {getattr(self, name)}")
        if self.window_step < 1 or 0 < self.window < self.window_step:
            raise ValueError(
                f"decoding.window_step must be from 1 to decoding.window, got {self.window_step}"
            )
        for name in ("names_with_facts", "names_without_facts"):
            least = getattr(self, name)
            if least is not None and not 0 <= least <= 1:
                raise ValueError(f"decoding.{name} must be in [0, 1], got {least}")
        if not 0 <= self.across <= 1:
            raise ValueError(f"decoding.across must be in [0, 1], got {self.across}")
        for name in ("entity_bias", "relation_bias"):
            if not abs(getattr(self, name)) <= _LARGEST_BIAS:
                raise ValueError(
                    f"decoding.{name} must be in [-{_LARGEST_BIAS:g}, {_LARGEST_BIAS:g}], "
                    f"got {getattr(self, name)}"
                )


@dataclass(frozen=True, slots=True)
class Decoded:
    """Links and mentions decoded from the grid of one post."""

    links: tuple[Link, ...] = ()
    """Sorted by head, then by tail, with scores in (0, 1]."""
    mentions: tuple[Mention, ...] = ()
    """Every entity, in a link or not, in text order; no two share a word."""


def decode(
    scores: Float[np.ndarray, "posts words words tags"],
    lengths: Int[np.ndarray, " posts"],
    tags: TagSet,
    options: DecodeOptions | None = None,
    *,
    signatures: Bool[np.ndarray, "relations types types"] | None = None,
    calibration: Calibration | None = None,
) -> list[Decoded]:
    """Decode the entities and relations of each post; the inverse of ``encode``.

    Selects the most probable set of entities that do not overlap (``find_spans``), then the
    best relation, or none, of every pair (``find_relations``). The result of a post depends
    neither on the other posts nor on padding.

    Args:
        scores: Finite logits or log-probabilities of each tag in each cell; they need
            not be normalised. Padding may contain any value.
        lengths: Number of words of each post.
        tags: The tag set of the scores.
        options: Options of decoding; the defaults of ``DecodeOptions`` if ``None``.
        signatures: Admitted types of head and tail, from ``learn_signatures``.
        calibration: Maps confidences to probabilities; none if ``None``.

    Returns:
        Links with their scores (``confidence``, calibrated) and mentions, post by post.

    Raises:
        ValueError: If ``scores`` do not fit ``tags``, or ``lengths`` do not fit ``scores``.

    Example:
        >>> from jmere.grid.encode import encode
        >>> tags = TagSet(entity_types=("per", "loc"), relations=("lives_in",))
        >>> link = Link(Mention(0, 2, "per"), Mention(4, 5, "loc"), "lives_in")
        >>> grid = encode([link], [], 5, tags).grid
        >>> scores = 9 * np.eye(len(tags), dtype=np.float32)[grid]
        >>> decode(scores[None], np.array([5]), tags)[0].mentions
        (Mention(start=0, end=2, type='per'), Mention(start=4, end=5, type='loc'))
    """
    options = options or DecodeOptions()
    _check(scores, lengths, tags)
    words = int(lengths.max(initial=0))
    scores = np.asarray(scores[:, :words, :words], dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):  # padding may hold anything
        spans = find_spans(
            scores, lengths, tags, max_length=options.longest, bias=options.entity_bias
        )
    relations = find_relations(
        scores,
        spans,
        tags,
        symmetric=options.symmetric,
        bias=options.relation_bias,
        signatures=signatures,
    )
    score = confidence(scores, spans, relations, symmetric=options.symmetric)
    if calibration is not None:
        score = calibration(score)
    return _records(spans, relations, score, tags, posts=len(scores))


@dataclass(frozen=True)
class Decoder:
    """Reads grids of scores as one model does.

    Example:
        >>> decoder = Decoder(TagSet.load(), DecodeOptions(entity_bias=-0.5))
        >>> decoder(np.zeros((1, 0, 0, 26), np.float32), np.array([0]))
        [Decoded(links=(), mentions=())]
    """

    tags: TagSet
    options: DecodeOptions = field(default_factory=DecodeOptions)
    signatures: tuple[Signature, ...] | None = None
    """The types of head and tail that each relation may have; any where absent."""
    calibration: Calibration | None = None
    """Makes scores probabilities; absent where none was fitted."""

    def __call__(
        self,
        scores: Float[np.ndarray, "posts words words tags"],
        lengths: Int[np.ndarray, " posts"],
    ) -> list[Decoded]:
        """Read the entities and relations of each post; see ``decode``."""
        admitted = None
        if self.signatures is not None:
            admitted = admitted_types(self.signatures, self.tags)
        return decode(
            scores,
            lengths,
            self.tags,
            self.options,
            signatures=admitted,
            calibration=self.calibration,
        )

    def min_score(self, precision: float) -> float:
        """Return the lowest score that reached this precision on dev.

        Raises:
            ValueError: If the model is not calibrated, or never was so precise.
        """
        if self.calibration is None:
            raise ValueError("the model has no calibration; training.calibrate fits one on dev")
        return self.calibration.threshold(precision)


def _records(
    spans: Spans,
    relations: Relations,
    score: Float[np.ndarray, " pairs"],
    tags: TagSet,
    *,
    posts: int,
) -> list[Decoded]:
    names = [tags.name(tag) for tag in range(len(tags))]
    mentions = [
        Mention(start, end, names[tag])
        for start, end, tag in zip(
            spans.start.tolist(), spans.end.tolist(), spans.tag.tolist(), strict=True
        )
    ]
    links = [
        Link(mentions[head], mentions[tail], names[tag], value)
        for head, tail, tag, value in zip(
            relations.head.tolist(),
            relations.tail.tolist(),
            relations.tag.tolist(),
            score.tolist(),
            strict=True,
        )
    ]
    edges = np.arange(posts + 1)
    span_edges = np.searchsorted(spans.post, edges).tolist()
    link_edges = np.searchsorted(spans.post[relations.head], edges).tolist()
    return [
        Decoded(
            links=tuple(links[link_edges[post] : link_edges[post + 1]]),
            mentions=tuple(mentions[span_edges[post] : span_edges[post + 1]]),
        )
        for post in range(posts)
    ]


def _check(
    scores: Float[np.ndarray, "posts words words tags"],
    lengths: Int[np.ndarray, " posts"],
    tags: TagSet,
) -> None:
    posts, words, _, width = scores.shape
    if width != len(tags):
        raise ValueError(f"scores of {width} tags, but the tag set has {len(tags)}")
    if posts and not 0 <= lengths.min() <= lengths.max() <= words:
        raise ValueError(
            f"lengths from {lengths.min()} to {lengths.max()}, but the grids have {words} words"
        )
