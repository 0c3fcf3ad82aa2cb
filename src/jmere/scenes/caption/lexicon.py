"""Function words of captions, which name no objects."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# "A photo of a man" shows a man, and "a group of people" people.
WRAPPERS = _set(
    "photo photos photograph photographs picture pictures pic pics image images illustration "
    "screenshot screenshots snapshot shot view views portrait portraits selfie closeup close-up "
    "up group groups couple pair pairs bunch number lot lots series set row rows variety "
    "collection array piece part kind type sort dozen dozens hundreds thousands"
)
# "In front of the house" is a preposition, and "in the background" says where.
PLACES = _set(
    "front top back side middle center centre bottom edge end background foreground left right rear"
)
# What a thing looks like; adjectives that say which kind it is stay with its name.
LOOKS = _set(
    "black white red blue green yellow orange pink purple brown gray grey dark light bright "
    "colorful colourful large big huge giant small little tiny tall short long wide narrow old "
    "young new older younger beautiful pretty nice good great happy smiling different other same "
    "many several few various multiple such own first last next full empty blank"
)
# Verbs of captions that are taken for nouns after the noun they tell of.
POSTURES = _set("posing sitting standing wearing holding walking playing looking")
