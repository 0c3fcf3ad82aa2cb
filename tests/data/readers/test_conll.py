import time
from collections import Counter

import pytest

from jmere.data.readers.conll import COMMENTS, DROPPED, IOB1, STARTED, parse_types, read_conll
from jmere.errors import DataError


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
        b"IMGID:1\nAnn\nBob\tB-PRE\nBob\tX-PER\n\tO\n\xff\tO\n\n"
        b"IMGID:2\n\nIMGID:\nAnn\tO\n\nIMGID:3\nAnn\tO\n"
    )

    posts = read(tmp_path, text, on_problem=told.append)

    assert [post.id for post in posts] == ["3"]
    assert [(problem.line, problem.message) for problem in told] == [
        (2, "expected a word, a tab or spaces, and a label, got 'Ann'"),
        (3, "unknown entity type 'PRE'; did you mean 'PER'? "
            "(--types names what each type is called)"),
        (4, "expected a label O, B-TYPE or I-TYPE (or E-, S-, L-, U-) in the last column, "
            "got 'X-PER'"),
        (5, "expected a word, a tab or spaces, and a label, got '\\tO'"),
        (6, "not UTF-8: byte 0xff at column 1"),
        (8, "the post 2.jpg has no words"),
        (10, "IMGID: without a number"),
    ]  # fmt: skip


def test_a_strict_reader_stops_at_the_first(tmp_path):
    with pytest.raises(DataError, match=r"mner\.txt:2: expected a word, a tab or spaces"):
        read(tmp_path, "IMGID:1\nAnn\n")


PLAIN = "IMGID:1\nAnn\tB-PER\nLee\tI-PER\nin\tO\nOslo\tB-LOC\n\nIMGID:2\nBob\tB-PER\n"

DIALECTS = {
    "spaces": PLAIN.replace("\t", " "),
    "several spaces": PLAIN.replace("\t", "   "),
    "trailing blanks": PLAIN.replace("\n", " \n"),
    "trailing tabs": PLAIN.replace("\n", "\t\n"),
    "blanks between posts": PLAIN.replace("\n\n", "\n \t \n\n"),
    "CR LF": PLAIN.replace("\n", "\r\n"),
    "BIOES": PLAIN.replace("I-PER", "E-PER").replace("B-LOC", "S-LOC").replace("b\tB", "b\tS"),
    "BILOU": PLAIN.replace("I-PER", "L-PER").replace("B-LOC", "U-LOC").replace("b\tB", "b\tU"),
    "underscore": PLAIN.replace("-", "_"),
    "small letters": PLAIN.replace("-PER", "-per").replace("-LOC", "-Loc"),
    "four columns of tabs": PLAIN.replace("\t", "\tNNP\tB-NP\t"),
    "four columns of spaces": PLAIN.replace("\t", " NNP B-NP "),
    "docstart": "-DOCSTART- -X- -X- O\n\n" + PLAIN + "-DOCSTART- O\n",
    "comments": "# id 7 domain=en\n" + PLAIN,
    "image with ending": PLAIN.replace("IMGID:1", "IMGID:1.jpg"),
    "blank after IMGID:": PLAIN.replace("IMGID:", "IMGID: ").replace("IMGID: 1", " imgid : 1 "),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_reads_as_the_plain_form_does(tmp_path, dialect):
    expected = read(tmp_path, PLAIN)

    assert [found(post) for post in expected] == [
        [("Ann Lee", "per", 0), ("Oslo", "loc", 11)], [("Bob", "per", 0)],
    ]  # fmt: skip
    assert read(tmp_path, DIALECTS[dialect]) == expected


@pytest.mark.parametrize("name", ["a.PNG", "b.jpeg", "folder/c.webp"])
def test_an_image_keeps_its_ending(tmp_path, name):
    [post] = read(tmp_path, f"IMGID:{name}\nAnn\tO\n")

    assert (post.image, post.id) == (name, name.rpartition("/")[2].partition(".")[0])


def test_a_dot_in_a_number_is_no_ending(tmp_path):
    [post] = read(tmp_path, "IMGID:17.06\nAnn\tO\n")

    assert (post.image, post.id) == ("17.06.jpg", "17.06")


IOB1_POST = "IMGID:1\nParis\tI-LOC\nAnn\tI-PER\nLee\tI-PER\nBob\tB-PER\nOslo\tI-LOC\n"


def test_iob1_is_read_where_strays_start_entities(tmp_path):
    tally = Counter()

    [post] = read(tmp_path, IOB1_POST, stray="start", tally=tally)

    assert [name for name, *_ in found(post)] == ["Paris", "Ann Lee", "Bob", "Oslo"]
    assert tally == {STARTED: 3}


def test_dropped_labels_are_counted_and_iob1_is_named(tmp_path):
    tally = Counter()

    [post] = read(tmp_path, IOB1_POST, tally=tally)

    assert found(post) == [("Bob", "per", 14)]
    assert tally == {IOB1: 3}


def test_strays_of_a_file_in_bio_are_counted(tmp_path):
    tally = Counter()
    list(read(tmp_path, STRAYS, tally=tally))
    assert tally == {DROPPED: 2}


def test_comments_are_counted_and_a_word_may_be_a_number_sign(tmp_path):
    tally = Counter()
    [post] = read(tmp_path, "# sent 1\n# O\nAnn O\n", tally=tally)
    assert post.tokens == ("#", "Ann")
    assert tally == {COMMENTS: 1}


def test_types_are_parsed():
    assert parse_types("PER=per, chemical = drug") == {"PER": "per", "chemical": "drug"}
    for wrong in ("PER", "=per", "PER=", "PER=per,"):
        with pytest.raises(ValueError, match="expected TYPE=name"):
            parse_types(wrong)


def test_a_file_without_blank_lines_takes_time_in_proportion(tmp_path):
    def seconds(size):
        begun = time.process_time()
        [post] = read(tmp_path, "Ann\tB-PER\nLee\tO\n" * size)
        assert len(post.entities) == size
        return time.process_time() - begun

    assert seconds(16_000) < 24 * seconds(2_000)
