"""Whether an English sentence asserts something of two names, or denies, asks or supposes it.

The cues and their scope follow ConText (Harkema et al. 2009): a cue reaches to the end of its
clause, and some cues look like one and are none ("not only"). They were chosen on the posts of
``tests/robustness`` and on V1 val.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_NEGATIVE_VERBS = frozenset(
    {"deny", "denies", "denied", "refuse", "refuses", "refused", "reject", "rejects", "rejected"}
)
_WITHOUT_APOSTROPHE = frozenset(
    {"aint", "arent", "cant", "didnt", "doesnt", "dont", "hasnt", "havent", "isnt", "wasnt", "wont"}
)
_NEGATIONS = _NEGATIVE_VERBS | _WITHOUT_APOSTROPHE | {"cannot", "neither", "never", "nobody"}
_NEGATIONS |= {"no", "none", "nor", "not", "nowhere", "without"}
_UNREAL_PAIRS = frozenset({("could", "have"), ("should", "have"), ("would", "have")})
_NEGATIVE_PAIRS = _UNREAL_PAIRS | {("instead", "of"), ("rather", "than")}
_NO_NEGATION_BEFORE = frozenset({"only", "just", "even", "to", "believe", "wait", "stop", "help"})
_NO_NEGATION_BEFORE |= {"surprised", "thought", "doubt", "wonder", "matter", "less", "surprise"}
"""What follows a word of negation that denies nothing: "not only", "cannot wait", "no doubt"."""

_NOBODY = frozenset({"nobody", "none", "neither"})
"""Negations that stand before both names: "neither Ann nor Bob"."""

_COMPARING = frozenset({"like", "than", "but", "except", "else"})
"""What makes them praise: "nobody plays like Ann for Bonn"."""

_CLAUSE_SIGNS = frozenset({",", ";", ":", "-", "–", "—", "|"})
_CONJUNCTIONS = frozenset({"although", "and", "because", "but", "since", "so", "though", "while"})
_CLAUSE_ENDS = _CLAUSE_SIGNS | _CONJUNCTIONS | {"which", "who", "yet"}
_QUESTION_OPENINGS = frozenset({"is", "are", "does"})
"""First words of a question for yes or no, with or without its sign."""

_ASKING = frozenset(["what", "who", "whom", "whose", "which", "where", "when", "why", "how"])
"""Words of a question that takes its fact for granted: "why did she leave Bonn?"."""

_ASKING_PAIRS = frozenset({("what", "if"), ("what", "about"), ("how", "about")})
_SUPPOSING = frozenset({"if", "whether", "unless", "imagine", "suppose"})
_NO_SUPPOSING_AFTER = frozenset({"as", "like", "rt"})
_WISHING = frozenset({"wish", "wishes"})
_UNREAL = frozenset({"would", "could", "had", "were", "was"})
_UNTRUE = frozenset({"hoax", "untrue"})
_UNTRUE_PAIRS = frozenset({("not", "true"), ("n't", "true"), ("is", "false"), ("was", "false")})

_OPENING = 4
"""Words of a sentence in which its negative auxiliary turns a question into a statement."""


def is_asserted(sentence: Sequence[str], first: range, second: range) -> bool:
    """Return whether a sentence asserts what it says of two names.

    A relation is not asserted if a negation stands between its names, in the clause of the
    second; if the sentence is a question for yes or no; if it supposes, wishes or calls untrue.

    Args:
        sentence: The words of one sentence.
        first: The words of one name.
        second: The words of the other, in either order.

    Example:
        >>> is_asserted("Ann never played for Bonn".split(), range(1), range(4, 5))
        False
        >>> is_asserted("Is Ann with Bonn ?".split(), range(1, 2), range(3, 4))
        False
        >>> is_asserted("Why did Ann leave Bonn ?".split(), range(2, 3), range(4, 5))
        True
        >>> is_asserted("Not only Ann plays for Bonn".split(), range(2, 3), range(5, 6))
        True
    """
    words = [word.lower().replace("’", "'") for word in sentence]
    first, second = sorted((first, second), key=lambda name: name.start)
    return not (
        _is_denied(words, first.stop, second.start)
        or _is_of_nobody(words, first.start, second.start)
        or _is_asked(words)
        or _is_supposed(words, first.start, second.start)
        or _is_called_untrue(words)
    )


def _is_denied(words: Sequence[str], start: int, end: int) -> bool:
    """Return whether a negation in a stretch of words reaches its end."""
    for place in range(end - 1, start - 1, -1):
        if words[place] in _CLAUSE_ENDS:
            return False
        if _is_negation(words, place):
            return True
    return False


def _is_of_nobody(words: Sequence[str], first: int, second: int) -> bool:
    """Return whether the clause of the first name begins with nobody, whom no name limits."""
    for place in range(first - 1, -1, -1):
        if words[place] in _CLAUSE_ENDS:
            return False
        if words[place] in _NOBODY or tuple(words[place : place + 2]) == ("no", "one"):
            return _COMPARING.isdisjoint(words[place:second])
    return False


def _is_negation(words: Sequence[str], place: int) -> bool:
    word, after = words[place], words[place + 1 : place + 2]
    if (word, *after) in _NEGATIVE_PAIRS:
        return True
    negative = word in _NEGATIONS or word.endswith("n't")
    return negative and _NO_NEGATION_BEFORE.isdisjoint(after)


def _is_asked(words: Sequence[str]) -> bool:
    """Return whether a sentence is a question for yes or no."""
    if words[0] in _QUESTION_OPENINGS and words[1:2] != ["n't"]:
        return True
    if not any("?" in word for word in words[-2:]):
        return False
    if _has_pair(words, _ASKING_PAIRS):
        return True
    return _ASKING.isdisjoint(words) and not any(
        word.endswith("n't") and place > 0 for place, word in enumerate(words[:_OPENING])
    )


def _is_supposed(words: Sequence[str], first: int, second: int) -> bool:
    """Return whether the clause of two names is a condition, a supposition or an unreal wish."""
    for place in range(first - 1, -1, -1):
        before = words[max(0, place - 1) : place]
        if words[place] in _SUPPOSING and _NO_SUPPOSING_AFTER.isdisjoint(before):
            return _CLAUSE_ENDS.isdisjoint(words[place:second])
        if words[place] in _WISHING:
            return any(word in _UNREAL or word.endswith("ed") for word in words[place:second])
    return False


def _is_called_untrue(words: Sequence[str]) -> bool:
    return not _UNTRUE.isdisjoint(words) or _has_pair(words, _UNTRUE_PAIRS)


def _has_pair(words: Sequence[str], pairs: frozenset[tuple[str, str]]) -> bool:
    return any(pair in pairs for pair in pairwise(words))
