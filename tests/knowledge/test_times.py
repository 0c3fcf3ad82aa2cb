import pytest

from jmere.knowledge.times import utc_time

NOON = "2024-05-01T10:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        NOON,
        "2024-05-01T12:00:00+02:00",
        "2024-05-01T12:00:00+0200",
        "2024-05-01 10:00:00",
        "2024-05-01T10:00:00.123456Z",
        "Wed May 01 10:00:00 +0000 2024",
        "Wed, 01 May 2024 12:00:00 +0200",
        "1714557600",
        "1714557600.0",
        "1714557600000",
    ],
)
def test_times_of_many_forms_are_utc(text):
    assert utc_time(text) == NOON


def test_a_day_or_a_year_is_its_beginning():
    assert utc_time("2024-05-01") == "2024-05-01T00:00:00Z"
    assert utc_time("2024") == "2024-01-01T00:00:00Z"


@pytest.mark.parametrize("text", ["", "soon", "2024-13-01", "9" * 15, "-5", "1e400", "\0", "²"])
def test_what_is_no_time_is_none(text):
    assert utc_time(text) is None
