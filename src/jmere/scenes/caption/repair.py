"""Repair of typical parser errors in captions."""

from __future__ import annotations

from dataclasses import replace

from jmere.records import TextGraph
from jmere.scenes.caption.lexicon import POSTURES


def repaired(graph: TextGraph) -> TextGraph:
    """The graph in which a noun is never a compound of the verb after it.

    In "people posing" or "a man in a scarf stands" small parsers take the noun for a
    compound of the verb. The noun then takes the verb's place in the tree, with what
    stands before it ("in a"), and the verb becomes a clause of the noun.
    """
    heads, labels, pos = list(graph.heads), list(graph.labels), list(graph.pos)
    before: dict[int, list[int]] = {}
    for word, head in enumerate(graph.heads):
        if word < head:
            before.setdefault(head, []).append(word)
    for noun, verb in enumerate(graph.heads):
        if not _is_mistaken(graph, noun):
            continue
        if heads[verb] == verb:
            heads[noun], labels[noun] = verb, "nsubj"
        else:
            heads[noun], labels[noun] = heads[verb], labels[verb]
            heads[verb], labels[verb] = noun, "acl"
        pos[verb] = "VERB"
        for word in before[verb]:
            if word < noun and labels[word] in ("case", "det", "amod", "nummod"):
                heads[word] = noun
                if labels[word] == "case" and labels[noun] == "acl":
                    labels[noun] = "nmod"
    return replace(graph, heads=tuple(heads), labels=tuple(labels), pos=tuple(pos))


def _is_mistaken(graph: TextGraph, noun: int) -> bool:
    verb = graph.heads[noun]
    return (
        noun + 1 == verb
        and graph.labels[noun] == "compound"
        and graph.pos[noun] in ("NOUN", "PROPN")
        and (graph.pos[verb] == "VERB" or graph.words[verb].lower() in POSTURES)
    )
