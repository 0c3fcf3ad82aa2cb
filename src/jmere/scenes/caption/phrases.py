"""Noun phrases of a parsed caption: the words that name one object."""

from __future__ import annotations

import re
from functools import cached_property

from jmere.records import TextGraph
from jmere.scenes.caption.lexicon import LOOKS, PLACES, WRAPPERS
from jmere.scenes.caption.repair import repaired
from jmere.text.words import Words

_PARTS = ("compound", "flat", "goeswith", "amod", "punct")
_NAMELESS = frozenset({"ADP", "ADV", "VERB"})
_NOMINAL = frozenset({"nsubj", "obj", "iobj", "obl", "nmod", "appos"})
_WRITTEN = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"https?:|www\.", re.IGNORECASE)
_POSSESSIVE = frozenset({"'s", "’s", "'", "’"})
_MOST_CONJUNCTS = 10
_LONGEST_NAME = 6


class Phrases:
    """Noun phrases of a caption's dependency tree.

    Labels are those of Universal Dependencies. An object is named by a noun with adjacent names,
    compounds and classifying adjectives ("barack obama", "golf cart", "american flag");
    determiners, numbers, colours and sizes are left out, so that it reads like a detector class.
    A proper noun next to a common one is a separate object ("liverpool" and "players").
    """

    def __init__(self, words: Words, graph: TextGraph) -> None:
        self._words = words
        self.graph = repaired(graph)
        self.lower = tuple(word.lower() for word in words.words)

    def __len__(self) -> int:
        return len(self.lower)

    def children(self, word: int, *labels: str) -> list[int]:
        """Return the dependants of ``word`` under one of ``labels``."""
        children = self._children[word]
        if not children:
            return []
        found = [child for label in labels for child in children.get(label, ())]
        return sorted(found) if len(labels) > 1 else found

    def is_noun(self, word: int) -> bool:
        """Return whether a word may name an object."""
        return self._nouns[word]

    def is_predicate(self, word: int) -> bool:
        """Whether a word may say what a thing does or is like, in the place of a verb.

        A "noun" with a subject, but without a copula or preposition, is a verb too.
        """
        pos, label = self.graph.pos[word], self.graph.labels[word]
        if pos == "NOUN":
            return bool(self.children(word, "nsubj")) and not self.children(word, "cop", "case")
        if pos == "VERB":
            return not self._is_misread(word)
        return pos in ("ADJ", "ADV") or (pos == "AUX" and label not in ("aux", "cop"))

    @cached_property
    def things(self) -> dict[int, tuple[int, int]]:
        """Return the first and last word of each object, by its head, in text order."""
        spans = {head: self._span(head) for head in range(len(self)) if self._names_thing(head)}
        inside = {
            word
            for head, (first, last) in spans.items()
            for word in range(first, last + 1)
            if word != head
        }
        return {head: span for head, span in spans.items() if head not in inside}

    def label(self, thing: int) -> str:
        """Return the words of an object, in lower case."""
        first, last = self.things[thing]
        start, end = self._words.spans[first][0], self._words.spans[last][1]
        return " ".join(self._words.text[start:end].lower().split())

    def named(self, word: int) -> list[int]:
        """Return the objects a word stands for: itself, the noun it wraps, and conjuncts."""
        conjuncts = self.children(word, "conj")[:_MOST_CONJUNCTS]
        found = (self.unwrapped(part) for part in (word, *conjuncts))
        return [thing for thing in found if thing in self.things]

    def unwrapped(self, word: int) -> int:
        """Return the noun behind "photo of" or "front of"; other words are unchanged."""
        while (inner := self._content(word)) is not None:
            word = inner
        return word

    def preposition(self, word: int) -> str:
        """Return the preposition of a noun: "in", "next to", "in front of"; empty if none."""
        parts = []
        for case in self.children(word, "case"):
            if case < word and self.lower[case] not in _POSSESSIVE:
                parts += [case, *self.children(case, "fixed")]
        if parts and self._leads(parts[0] - 1, word):
            parts.insert(0, parts[0] - 1)
        text = " ".join(self.lower[part] for part in parts)
        if text and self.lower[word] in PLACES and self._content(word) is not None:
            return f"{text} {self.lower[word]} of"
        return text

    def wearer(self, word: int) -> int:
        """Return the agent in "a man in a suit holding a cup": parsers often choose the suit."""
        governor = self.graph.heads[word]
        inside = self.graph.labels[word] == "nmod" and self.preposition(word) == "in"
        return governor if inside and self.is_noun(governor) else word

    def owns(self, word: int) -> bool:
        """Return whether a noun owns the one that governs it, as in "the man's hat"."""
        return word < self.graph.heads[word] and not self.preposition(word)

    @cached_property
    def _children(self) -> list[dict[str, list[int]]]:
        children: list[dict[str, list[int]]] = [{} for _ in self.lower]
        for word, (head, label) in enumerate(zip(self.graph.heads, self.graph.labels, strict=True)):
            if head != word:
                children[head].setdefault(label, []).append(word)
        return children

    @cached_property
    def _nouns(self) -> list[bool]:
        return [self._is_noun(word) for word in range(len(self))]

    def _is_noun(self, word: int) -> bool:
        pos, text = self.graph.pos[word], self.lower[word]
        if self.is_predicate(word) or (pos not in ("NOUN", "PROPN") and not self._is_misread(word)):
            return False
        return bool(_WRITTEN.search(text)) and not _ADDRESS.match(text)

    def _names_thing(self, word: int) -> bool:
        if not self.is_noun(word) or self._content(word) is not None:
            return False
        if self.graph.labels[word] in _PARTS and self._content(self.graph.heads[word]) is not None:
            return False
        # "Posing for a photo", "in the background": neither is seen.
        return not (
            (self.lower[word] in PLACES and self.children(word, "case"))
            or (self.lower[word] in WRAPPERS and self.preposition(word) == "for")
        )

    def _is_misread(self, word: int) -> bool:
        """Return whether a verb is in a position where only a noun can be: a tagging error."""
        if self.graph.pos[word] != "VERB" or self.children(word, "nsubj", "obj", "obl", "aux"):
            return False
        if self.children(word, "case"):
            return True
        label, governor = self.graph.labels[word], self.graph.heads[word]
        if label == "conj" and not self.lower[word].endswith(("ing", "ed")):
            return self.graph.pos[governor] in ("NOUN", "PROPN")
        return label in _NOMINAL

    def _content(self, word: int) -> int | None:
        """Return the object that a wrapper or a place is about."""
        if self.lower[word] in WRAPPERS or self.lower[word] in PLACES:
            for child in self.children(word, "nmod"):
                cases = [self.lower[case] for case in self.children(child, "case")]
                if child > word and self.is_noun(child) and "of" in cases:
                    return child
        return None

    def _span(self, head: int) -> tuple[int, int]:
        """Return the adjacent words around ``head`` that belong to its name."""
        parts, waiting = {head}, [head]
        while waiting:
            for child in self.children(waiting.pop(), *_PARTS):
                if self._belongs(child):
                    parts.add(child)
                    waiting.append(child)
        first, last, seen = head, head, {self.lower[head]}
        while first - 1 in parts and self._extends(first - 1, seen):
            first -= 1
        while last + 1 in parts and self._extends(last + 1, seen):
            last += 1
        return first, last

    def _extends(self, word: int, seen: set[str]) -> bool:
        """Return whether a name continues with a word; repetitions end a name."""
        if self.lower[word] in seen or len(seen) >= _LONGEST_NAME:
            return False
        seen.add(self.lower[word])
        return True

    def _belongs(self, word: int) -> bool:
        governor = self.graph.heads[word]
        label, pos = self.graph.labels[word], self.graph.pos[word]
        common = self.graph.pos[governor] == "NOUN"
        if label == "punct":
            return self.lower[word] == "-" and self._touches(word)
        if common and (pos == "PROPN" or (label == "amod" and self.lower[word] in LOOKS)):
            return False
        return pos not in _NAMELESS

    def _touches(self, word: int) -> bool:
        """Return whether there is no space on either side of a word."""
        spans = self._words.spans
        return (
            0 < word < len(spans) - 1
            and spans[word - 1][1] == spans[word][0]
            and spans[word][1] == spans[word + 1][0]
        )

    def _leads(self, adverb: int, word: int) -> bool:
        """Return whether an adverb starts a preposition, as in "next to the car"."""
        return (
            adverb >= 0
            and self.graph.labels[adverb] == "advmod"
            and self.graph.heads[adverb] in (word, self.graph.heads[word])
            and self.lower[adverb] != "other"  # "standing next to each other in ..."
        )
