"""Relations that a text does not assert are left out."""

from __future__ import annotations

from dataclasses import replace

from jmere.grid.decode import Decoded
from jmere.inputs.overlap import sentence_spans
from jmere.records import Link, Mention
from jmere.text.assertion import is_asserted
from jmere.text.words import Words


def asserted_only(decoded: Decoded, words: Words) -> Decoded:
    """Return what was decoded without the links that their sentence denies, asks or supposes.

    The mentions stay, and so does a link between two sentences.

    Example:
        >>> from jmere.text.words import split
        >>> ann, bonn = Mention(0, 1, "per"), Mention(4, 5, "org")
        >>> found = Decoded((Link(ann, bonn, "member_of"),), (ann, bonn))
        >>> asserted_only(found, split("Ann never played for Bonn")).links
        ()
    """
    if not decoded.links:
        return decoded
    sentences = sentence_spans(words, lines=False)
    links = tuple(link for link in decoded.links if _is_asserted(link, words, sentences))
    return decoded if len(links) == len(decoded.links) else replace(decoded, links=links)


def _is_asserted(link: Link, words: Words, sentences: list[tuple[int, int]]) -> bool:
    names = (link.head, link.tail)
    for start, end in sentences:
        if all(start <= name.start and name.end <= end for name in names):
            return is_asserted(words.words[start:end], *(_within(name, start) for name in names))
    return True


def _within(name: Mention, start: int) -> range:
    return range(name.start - start, name.end - start)
