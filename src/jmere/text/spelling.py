"""Normalised spelling of posts for the parser."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

WordKind = Literal["retweet", "user", "url", "tag", "emoji", "sign", "word"]

_USER = re.compile(r"\.?@\w+")
_URL = re.compile(r"(?:https?:|www\.)\S*|URL\d*|[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_TAG = re.compile(r"[#＃]\w+")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff\ufe0f\u200d\u20e3]+"
)
_LONG = re.compile(r"([^\W\d_])\1{2,}")
_LAUGH = re.compile(r"a?(?:ha|he){2,}h?|lo+l+|lmf?ao+|rofl", re.IGNORECASE)
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})
_SPELLINGS = {
    "you": ("u", "ya", "yall"),
    "your": ("ur",),
    "are": ("r",),
    "them": ("em",),
    "and": ("n", "nd"),
    "the": ("da", "tha"),
    "this": ("dis",),
    "that": ("dat",),
    "because": ("bc", "cus", "cuz", "coz"),
    "though": ("tho",),
    "with": ("w", "w/", "wit"),
    "before": ("b4",),
    "about": ("bout",),
    "until": ("til", "till"),
    "please": ("pls", "plz"),
    "thanks": ("thx",),
    "people": ("ppl",),
    "love": ("luv",),
    "now": ("rn",),
    "today": ("2day",),
    "tomorrow": ("tmrw",),
    "great": ("gr8",),
    "oh": ("omg", "omfg", "smh", "wtf", "yay", "ugh"),
}
_WORDS = {spelling: word for word, spellings in _SPELLINGS.items() for spelling in spellings}


@lru_cache(maxsize=1 << 16)
def kind_of(word: str) -> WordKind:
    """Classify a word of a post."""
    if word == "RT":
        return "retweet"
    if _USER.fullmatch(word):
        return "user"
    if _URL.fullmatch(word):
        return "url"
    if _TAG.fullmatch(word):
        return "tag"
    if _EMOJI.fullmatch(word):
        return "emoji"
    return "word" if any(map(str.isalnum, word)) else "sign"


@lru_cache(maxsize=1 << 16)
def normalise(word: str) -> str:
    """Normalise a word's spelling for the parser, in training and prediction.

    User names become ``@USER``, URLs ``URL``, emoji ``:)``. Hashtags lose their sign,
    typographic quotes become plain, letters repeated more than twice are kept twice, and common
    net spellings are expanded.
    """
    kind = kind_of(word)
    if kind in ("user", "url", "emoji"):
        return {"user": "@USER", "url": "URL", "emoji": ":)"}[kind]
    if kind == "tag":
        word = word[1:]
    if _LAUGH.fullmatch(word):
        return "lol"
    word = _LONG.sub(r"\1\1", word.translate(_PLAIN)).strip() or "_"
    # A capital alone is an initial.
    return _WORDS.get(word if len(word) == 1 else word.lower(), word)
