import pytest

from jmere.knowledge.near_text import text_digest

TEXT = "Lionel Messi leaves Barcelona after twenty years"
LONG = (
    "The prime minister of the country met the president of the other country in the capital "
    "yesterday in order to sign"
)


@pytest.mark.parametrize(
    "copy",
    [
        f"RT @sport: {TEXT}",
        f"rt @a RT @b: {TEXT}",
        f"{TEXT}!!!",
        f"{TEXT} https://t.co/abc",
        f"{TEXT} pic.twitter.com/x",
        f"{TEXT.upper()} …",
        f"  {TEXT}\n\n",
        f"{TEXT} #messi #fcb",
        f"{TEXT} via @sport",
        f"@ann @bob {TEXT}",
        f"😀 “{TEXT}” 🎉",
        TEXT.replace(" ", "\u00a0"),
    ],
)
def test_a_copy_has_the_digest_of_the_original(copy):
    assert text_digest(copy) == text_digest(TEXT)


def test_a_retweet_that_was_cut_off_has_the_digest_of_the_original():
    assert text_digest(f"RT @news: {LONG}…") == text_digest(f"{LONG} the treaty at last")


@pytest.mark.parametrize(
    "other",
    [
        "Lionel Messi leaves Paris after twenty years",
        "Lionel Messi joins Barcelona after twenty years",
        f"Is it true? {TEXT}",
    ],
)
def test_another_text_has_another_digest(other):
    assert text_digest(other) != text_digest(TEXT)


NEWS = (
    "Ford is sworn in as premier of Ontario this morning while thousands of supporters cheer "
    "outside the old parliament building near the lake"
)


def edited(number):
    """Return the text with one more word at some place."""
    words = NEWS.split()
    return " ".join([*words[: number % 14], f"quickly{number}", *words[number % 14 :]])


def test_most_small_edits_of_a_long_text_keep_its_digest():
    kept = sum(text_digest(edited(number)) == text_digest(NEWS) for number in range(200))
    assert kept > 100


def test_a_number_makes_another_text():
    assert text_digest(f"At 7 {NEWS}") != text_digest(f"At 8 {NEWS}")


def test_a_text_that_no_site_cuts_off_is_compared_to_its_end():
    long = f"{NEWS}. {NEWS}. {NEWS}."
    assert len(long) > 280
    assert text_digest(f"{long} At 17") != text_digest(f"{long} At 18")


@pytest.mark.parametrize("text", ["", " ", "😀", "https://t.co/a", "…"])
def test_a_text_of_nothing_to_compare_has_no_digest(text):
    assert text_digest(text) is None


def test_a_text_of_tags_alone_is_its_tags():
    assert text_digest("#nasa #esa") not in (None, text_digest("#nasa #jaxa"))
