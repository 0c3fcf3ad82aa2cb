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


@pytest.mark.parametrize("text", ["", " ", "😀", "https://t.co/a", "…"])
def test_a_text_of_nothing_to_compare_has_no_digest(text):
    assert text_digest(text) is None


def test_a_text_of_tags_alone_is_its_tags():
    assert text_digest("#nasa #esa") not in (None, text_digest("#nasa #jaxa"))
