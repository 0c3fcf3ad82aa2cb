import pytest

from jmere.data.conll import read_conll
from jmere.files import DataError


def read(tmp_path, text, **options):
    path = tmp_path / "mner.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_conll(path, **options))


def found(post):
    return [(entity.text, entity.type, entity.start) for entity in post.entities]


# Rows of the table in the data's README: posts, words, entities by their B- labels.
SPLITS = [
    ("2015/valid", 1000, 16178, 1541),
    ("2017/valid", 723, 11309, 1324),
    ("2017/test", 723, 11330, 1351),
]


@pytest.mark.parametrize(("split", "n_posts", "n_words", "n_entities"), SPLITS)
def test_the_twitter_sets_have_the_counts_they_should(shared, split, n_posts, n_words, n_entities):
    posts = list(read_conll(shared / f"data/mner/twitter{split}.txt"))

    assert len(posts) == n_posts
    assert sum(len(post.tokens) for post in posts) == n_words
    assert sum(len(post.entities) for post in posts) == n_entities


def test_stray_labels_may_start_entities(shared):
    posts = list(read_conll(shared / "data/mner/twitter2015/valid.txt", stray="start"))

    assert sum(len(post.entities) for post in posts) == 1541 + 53


def test_a_post_has_an_image_words_and_entities(tmp_path):
    [post] = read(tmp_path, "IMGID:17_06\nNew\tB-LOC\nYork\tI-LOC\nMets\tB-ORG\n!\tO\n\n")

    assert (post.id, post.image, post.text) == ("17_06", "17_06.jpg", "New York Mets !")
    assert found(post) == [("New York", "loc", 0), ("Mets", "org", 9)]


def test_entities_of_one_type_that_touch_stay_two(tmp_path):
    [post] = read(tmp_path, "IMGID:1\nAnn\tB-PER\nBob\tB-PER")

    assert found(post) == [("Ann", "per", 0), ("Bob", "per", 4)]


STRAYS = "IMGID:1\nin\tO\nNew\tI-LOC\nYork\tI-LOC\nAnn\tB-PER\nInc\tI-ORG\n"


@pytest.mark.parametrize(
    ("stray", "entities"),
    [
        ("drop", [("Ann", "per", 12)]),
        ("start", [("New York", "loc", 3), ("Ann", "per", 12), ("Inc", "org", 16)]),
    ],
)
def test_a_stray_label_starts_an_entity_or_none(tmp_path, stray, entities):
    assert found(read(tmp_path, STRAYS, stray=stray)[0]) == entities


def test_types_are_named_by_the_caller(tmp_path):
    [post] = read(tmp_path, "IMGID:1\naspirin\tB-DRUG\n", types={"DRUG": "medicine"})

    assert found(post) == [("aspirin", "medicine", 0)]


def test_words_of_odd_characters_are_kept(tmp_path):
    [post] = read(tmp_path, "IMGID:1\n\u00a0\tO\n\u200d\tO\n\U0001f600\tB-PER\n")

    assert post.tokens == ("\u00a0", "\u200d", "\U0001f600")
    assert found(post) == [("\U0001f600", "per", 4)]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):
    text = "IMGID:1\nAnn\tB-PER\n\nIMGID:2\nBob\tB-PER\n"

    assert read(tmp_path, "\ufeff" + text.replace("\n", "\r\n")) == read(tmp_path, text)


def test_posts_part_where_an_image_begins_and_may_lack_one(tmp_path):
    posts = read(tmp_path, "Ann\tO\nIMGID:1\nBob\tO\nIMGID:1\nBob\tO\n")

    assert [(post.id, post.image) for post in posts] == [
        ("line-1", None), ("1", "1.jpg"), ("1-2", "1.jpg"),
    ]  # fmt: skip


def test_every_bad_line_is_told_and_its_post_left_out(tmp_path):
    told = []
    text = (
        b"IMGID:1\nAnn B-PER\nBob\tB-PRE\nBob\tX-PER\n\tO\n\xff\tO\n\n"
        b"IMGID:2\n\nIMGID:\nAnn\tO\n\nIMGID:3\nAnn\tO\n"
    )

    posts = read(tmp_path, text, on_problem=told.append)

    assert [post.id for post in posts] == ["3"]
    assert [(problem.line, problem.message) for problem in told] == [
        (2, "expected word<TAB>label, got 'Ann B-PER'"),
        (3, "unknown entity type 'PRE'; did you mean 'PER'?"),
        (4, "expected a label O, B-TYPE or I-TYPE, got 'X-PER'"),
        (5, "expected word<TAB>label, got '\\tO'"),
        (6, "not UTF-8: byte 0xff at column 1"),
        (8, "the post 2 has no words"),
        (10, "IMGID: without a number"),
    ]


def test_a_strict_reader_stops_at_the_first(tmp_path):
    with pytest.raises(DataError, match=r"mner\.txt:2: expected word<TAB>label"):
        read(tmp_path, "IMGID:1\nAnn\n")
