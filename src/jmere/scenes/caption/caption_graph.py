"""Scene graphs of captions: nouns become objects, grammar becomes relations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jmere.records import SceneGraph, SceneObject, SceneRelation, TextGraph
from jmere.scenes.caption.phrases import Phrases
from jmere.text.words import Words

_BE = frozenset(["be", "is", "are", "am", "was", "were", "been", "being", "'s", "'re"])
_DEPENDENT_CLAUSES = frozenset({"advcl", "xcomp", "conj", "parataxis", "ccomp", "advmod"})
_DEEPEST_CLAUSE = 10
_CLOSED_SYLLABLE = re.compile(r"[^aeiou]*[aeiou][bdgklmnprt]")

CaptionObject = tuple[int, str, int]
"""Indices of two nouns, and the relation from the first to the second."""


def scene_from_caption(words: Words, graph: TextGraph) -> SceneGraph:
    """Build the scene graph of a caption or alternative text.

    Objects are its nouns and names, in text order, without box or score (``Phrases`` defines
    their labels). A repeated name is one object, as is a noun in a list of its repetitions;
    another noun that occurs twice is two objects. Relations come in this order: conjuncts
    ("and"), owners and parts ("of"), prepositions ("in front of"), apposition ("is"), and verbs
    with their object ("holding") or preposition ("sitting on"). Third-person verbs become
    participles, as in detector predicates ("sits on" becomes "sitting on").

    Args:
        words: The words of the text.
        graph: Their dependency graph, in labels of Universal Dependencies without subtypes.
    """
    phrases = Phrases(words, graph)
    objects: list[SceneObject] = []
    names: dict[str, int] = {}
    index: dict[int, int] = {}
    for thing in phrases.things:
        label = phrases.label(thing)
        if label in names and (graph.pos[thing] == "PROPN" or graph.labels[thing] == "conj"):
            index[thing] = names[label]
            continue
        index[thing] = names[label] = len(objects)
        objects.append(SceneObject(label))
    found = (
        SceneRelation(index[subject], predicate, index[target])
        for subject, predicate, target in _relations(phrases)
        if index[subject] != index[target]
    )
    return SceneGraph(tuple(objects), tuple(dict.fromkeys(found)))


def _relations(phrases: Phrases) -> Iterator[CaptionObject]:
    for kind in (_conjuncts, _parts, _attributes, _clauses):
        for word in range(len(phrases)):
            yield from kind(phrases, word)


def _conjuncts(phrases: Phrases, word: int) -> Iterator[CaptionObject]:
    if word in phrases.things:
        for other in phrases.named(word)[1:]:
            yield word, "and", other


def _parts(phrases: Phrases, word: int) -> Iterator[CaptionObject]:
    """Yield owners and compounds that are not part of the name."""
    label = phrases.graph.labels[word]
    whole = phrases.graph.heads[word]
    if word in phrases.things and (
        (label == "nmod" and phrases.owns(word)) or label in ("compound", "flat")
    ):
        yield from _all(phrases.named(whole)[:1], "of", [word])


def _attributes(phrases: Phrases, word: int) -> Iterator[CaptionObject]:
    """Yield prepositions between nouns, and apposition."""
    label, governor = phrases.graph.labels[word], phrases.graph.heads[word]
    if not phrases.is_noun(word) or not phrases.is_noun(governor):
        return
    if label in ("nmod", "obl", "acl") and (preposition := phrases.preposition(word)):
        yield from _all(phrases.named(governor), preposition, phrases.named(word))
    elif label == "appos":
        yield from _all(phrases.named(governor)[:1], "is", phrases.named(word))


def _clauses(phrases: Phrases, word: int) -> Iterator[CaptionObject]:
    if phrases.is_predicate(word):
        yield from _verb(phrases, word)
    elif phrases.is_noun(word) and phrases.children(word, "nsubj", "cop"):
        predicate = phrases.preposition(word) or "is"
        yield from _all(_subjects(phrases, word), predicate, phrases.named(word))


def _verb(phrases: Phrases, verb: int) -> Iterator[CaptionObject]:
    subjects = _subjects(phrases, verb)
    objects = [thing for child in phrases.children(verb, "obj") for thing in phrases.named(child)]
    if not objects and phrases.graph.labels[verb] == "acl" and _nominal_subject(phrases, verb):
        objects = phrases.named(phrases.graph.heads[verb])
    name = _name(phrases, verb)
    yield from _all(subjects, name, objects)
    for child in phrases.children(verb, "obl", "nmod"):
        if preposition := phrases.preposition(child):
            # "Holding a cup in a bar": the verb goes with the cup, the bar is where.
            predicate = preposition if objects or not name else f"{name} {preposition}"
            yield from _all(subjects or objects, predicate, phrases.named(child))


def _subjects(phrases: Phrases, verb: int) -> list[int]:
    """Return the subjects of a verb, its own or those of its clause or noun."""
    graph = phrases.graph
    for _ in range(_DEEPEST_CLAUSE):
        own = [thing for child in phrases.children(verb, "nsubj") for thing in phrases.named(child)]
        label, governor = graph.labels[verb], graph.heads[verb]
        if own or governor == verb:
            return own
        if phrases.is_noun(governor) and label in ("acl", "advcl", "parataxis", "amod"):
            return phrases.named(phrases.wearer(governor))
        if label not in _DEPENDENT_CLAUSES or phrases.children(verb, "nsubj"):
            return []
        verb = governor
    return []


def _nominal_subject(phrases: Phrases, verb: int) -> bool:
    return any(phrases.is_noun(child) for child in phrases.children(verb, "nsubj"))


def _name(phrases: Phrases, verb: int) -> str:
    """Return a verb and its particle; empty for forms of "be"."""
    word = phrases.lower[verb]
    if word in _BE:
        return ""
    if phrases.graph.pos[verb] in ("VERB", "NOUN"):
        word = participle(word)
    particles = [
        phrases.lower[child]
        for child in phrases.children(verb, "compound")
        if child > verb and phrases.graph.pos[child] in ("ADP", "ADV")
    ]
    return " ".join([word, *particles])


def participle(verb: str) -> str:
    """Return the present participle of a third-person verb; other forms are unchanged.

    >>> [participle(verb) for verb in ("sits", "rides", "carries", "watches", "held")]
    ['sitting', 'riding', 'carrying', 'watching', 'held']
    """
    if not verb.endswith("s") or verb.endswith("ss") or len(verb) < 3:
        return verb
    if verb == "has":
        return "having"
    base = _base(verb)
    if base.endswith("ie"):
        return f"{base[:-2]}ying"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
        return f"{base[:-1]}ing"
    if _CLOSED_SYLLABLE.fullmatch(base):
        return f"{base}{base[-1]}ing"
    return f"{base}ing"


def _base(verb: str) -> str:
    if verb.endswith("ies") and len(verb) > 4:
        return f"{verb[:-3]}y"
    if verb.endswith(("sses", "shes", "ches", "xes", "zes", "oes")):
        return verb[:-2]
    return verb[:-1]


def _all(subjects: list[int], predicate: str, objects: list[int]) -> Iterator[CaptionObject]:
    if predicate:
        yield from ((subject, predicate, other) for subject in subjects for other in objects)
