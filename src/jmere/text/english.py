"""English tokenizer and vocabulary, which splitting and the bundled parser share.

Building a tokenizer takes longer than loading the parser's weights, so there is one per process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import registry

SHARED_TOKENIZER = "jmere.english.v1"
"""Name in spaCy's registry, for the config of a pipeline that is given the shared vocabulary."""


@lru_cache(maxsize=1)
def english() -> Language:
    """Return spaCy's blank English pipeline, one per process.

    Example:
        >>> [token.text for token in english()("Bonn wins.")]
        ['Bonn', 'wins', '.']
    """
    return spacy.blank("en")


def _shared_tokenizer() -> Callable[[Language], Tokenizer]:
    return lambda _: english().tokenizer


registry.tokenizers(SHARED_TOKENIZER, func=_shared_tokenizer)
