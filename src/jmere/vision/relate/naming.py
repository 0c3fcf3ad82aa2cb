"""Predicate names as used in captions and by detectors: "wear" becomes "wearing"."""

from __future__ import annotations

_PARTICIPLES = {
    "carry": "carrying",
    "contain": "containing",
    "cover": "covering",
    "drive": "driving",
    "eat": "eating",
    "face": "facing",
    "feed": "feeding",
    "fly": "flying",
    "follow": "following",
    "hit": "hitting",
    "hold": "holding",
    "kick": "kicking",
    "lean": "leaning",
    "look": "looking",
    "park": "parked",
    "play": "playing",
    "pull": "pulling",
    "rest": "resting",
    "ride": "riding",
    "sit": "sitting",
    "skate": "skating",
    "sleep": "sleeping",
    "stand": "standing",
    "talk": "talking",
    "touch": "touching",
    "use": "using",
    "walk": "walking",
    "watch": "watching",
    "wear": "wearing",
}

_PHRASES = {
    "attach to": "attached to",
    "by": "next to",
    "beside": "next to",
    "fly": "flying",
    "in the front of": "in front of",
    "look": "looking at",
    "on the left of": "left of",
    "on the right of": "right of",
    "on the top of": "on top of",
    "park next": "parked next to",
    "talk": "talking to",
    "walk": "walking on",
    "inside": "in",
    "beneath": "under",
}


def caption_form(predicate: str) -> str:
    """Return a predicate as captions write it; unknown words are unchanged.

    >>> [caption_form(name) for name in ("hold", "sit next to", "in the front of", "has")]
    ['holding', 'sitting next to', 'in front of', 'has']
    """
    if predicate in _PHRASES:
        return _PHRASES[predicate]
    verb, space, rest = predicate.partition(" ")
    return f"{_PARTICIPLES.get(verb, verb)}{space}{rest}"
