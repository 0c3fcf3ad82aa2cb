import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.data.annotation import Utf16Offsets
from jmere.data.fields import RecordError


@given(st.text(st.characters(exclude_categories=("Cs",))), st.data())
def test_units_are_those_of_the_utf16_encoding(text, data):
    index = data.draw(st.integers(0, len(text)))
    units = Utf16Offsets(text).units(index)
    assert units == len(text[:index].encode("utf-16-le")) // 2
    assert Utf16Offsets(text).characters(units) == index


def test_an_offset_inside_a_pair_is_refused():
    with pytest.raises(RecordError, match="inside a surrogate pair"):
        Utf16Offsets("\N{GRINNING FACE}").characters(1)


def test_an_offset_beyond_the_text_stays_beyond():
    assert Utf16Offsets("\N{GRINNING FACE}").characters(4) == 3
