"""Selection of the annotations that one grid can represent; on conflict the first wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from jmere.records import Link, Mention


class Reason(Enum):
    """Reason why a grid cannot represent a link or a mention."""

    OVERLAP = "the entity overlaps another entity"
    TYPE = "the entity's words already have another type"
    SELF = "head and tail overlap"
    PAIR = "the pair already has another relation"
    REVERSE = "the pair already has a relation in the other direction"


@dataclass(frozen=True, slots=True)
class Lost:
    """Link or mention that a grid cannot represent, with the reason."""

    item: Link | Mention
    reason: Reason


@dataclass
class Holding:
    """Annotations accepted so far; none is accepted in part."""

    symmetric: bool
    links: dict[tuple[Mention, Mention], Link] = field(default_factory=dict)
    mentions: set[Mention] = field(default_factory=set)
    _by_word: dict[int, Mention] = field(default_factory=dict)

    def add_mention(self, mention: Mention) -> Reason | None:
        """Accept a mention, or return the reason why not."""
        reason = self._clash(mention)
        if reason is None:
            self.mentions.add(mention)
            self._by_word.update(dict.fromkeys(range(mention.start, mention.end), mention))
        return reason

    def add_link(self, link: Link) -> Reason | None:
        """Accept a link with both its mentions, or return the reason why not."""
        reason = self._clash(link.head) or self._clash(link.tail) or self._pair_clash(link)
        if reason is None:
            self.links[link.head, link.tail] = link
            self.add_mention(link.head)
            self.add_mention(link.tail)
        return reason

    def _clash(self, mention: Mention) -> Reason | None:
        for word in range(mention.start, mention.end):
            other = self._by_word.get(word, mention)
            if (other.start, other.end) != (mention.start, mention.end):
                return Reason.OVERLAP
            if other.type != mention.type:
                return Reason.TYPE
        return None

    def _pair_clash(self, link: Link) -> Reason | None:
        head, tail = link.head, link.tail
        if head.start < tail.end and tail.start < head.end:
            return Reason.SELF
        if self.links.get((head, tail), link) != link:
            return Reason.PAIR
        if self.symmetric and (tail, head) in self.links:
            return Reason.REVERSE
        return None


def hold(
    links: Sequence[Link], mentions: Sequence[Mention], *, symmetric: bool
) -> tuple[Holding, tuple[Lost, ...]]:
    """Select the annotations for a grid: links in their order, then mentions in theirs.

    The entities of a rejected link are treated as mentions, so an entity
    without a conflict is still accepted.

    Returns:
        The accepted annotations and, each once, the rejected ones.

    Example:
        >>> whole, part = Mention(0, 3, "org"), Mention(0, 2, "per")
        >>> holding, lost = hold([], [whole, part], symmetric=False)
        >>> [each.reason.name for each in lost]
        ['OVERLAP']
    """
    holding = Holding(symmetric)
    lost: dict[Link | Mention, Reason] = {}
    for link in links:
        if reason := holding.add_link(link):
            lost[link] = reason
    for mention in [*(end for link in links for end in (link.head, link.tail)), *mentions]:
        if reason := holding.add_mention(mention):
            lost[mention] = reason
    return holding, tuple(Lost(item, reason) for item, reason in lost.items())
