"""Results without a model, for the tests of libraries that only pass them on."""

from jmere import Entity, Extraction, Extractor, Quintuple
from jmere.data.origin import origin_of

TEXT = "\N{GRINNING FACE} Lionel  Messi leaves Barcelona, messi in Bonn"
MESSI, BARCELONA = Entity("Lionel  Messi", "per", 2, 15), Entity("Barcelona", "org", 23, 32)
BONN = Entity("Bonn", "loc", 43, 47)


class Finding(Extractor):
    """Finds the same in every text."""

    def __init__(self):
        pass  # no model

    def stream(self, posts, *, batch_size=64):
        for post in posts:
            quintuple = Quintuple(MESSI, BARCELONA, "member_of", 0.75)
            yield Extraction(
                post.id, post.text, (quintuple,), (MESSI, BARCELONA, BONN), **origin_of(post)
            )
