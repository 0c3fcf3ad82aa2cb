import math
import pickle

import numpy as np
import pytest
from safetensors.numpy import save_file

from jmere.errors import DataError
from jmere.text.cooccurrence import UNKNOWN_WORD, CooccurrenceTable

POSTS = [["Rome", "Paris"], ["rome", "PARIS"], ["Rome", "Oslo"], ["Rome", "Oslo"]]


def slow_bins(posts, window, minimum_count):
    """PMI bins of pairs of lower-case words by plain counting."""
    counts = {}
    for post in posts:
        for i, one in enumerate(post):
            for other in post[i + 1 : i + window]:
                for pair in ((one, other), (other, one)):
                    counts[pair] = counts.get(pair, 0) + 1
    total = sum(counts.values())
    ends = {}
    for (one, _), count in counts.items():
        ends[one] = ends.get(one, 0) + count
    bins = {}
    for (one, other), count in counts.items():
        pmi = math.log2(count * total / (ends[one] * ends[other]))
        seen = count // 2 if one == other else count
        if seen >= minimum_count:
            bins[one, other] = 1 if pmi <= 0 else math.ceil(pmi / 2) + 1
    return bins


def test_bins_by_hand():
    # Of 8 ordered pairs rome ends 4, paris and oslo 2 each: PMI = log2(2 * 8 / (4 * 2)) = 1.
    table = CooccurrenceTable.count(POSTS)

    np.testing.assert_array_equal(
        table.bins([["Oslo", "Rome", "Paris"]])[0], [[0, 2, 0], [2, 0, 2], [0, 2, 0]]
    )
    assert (len(table), table.bin_count) == (2, 3)


@pytest.mark.parametrize(("window", "minimum_count"), [(2, 1), (4, 2), (8, 3)])
def test_bins_agree_with_plain_counting(window, minimum_count):
    rng = np.random.default_rng(0)
    names = [f"w{index}" for index in range(25)]
    posts = [list(rng.choice(names, size=rng.integers(0, 15))) for _ in range(80)]
    expected = slow_bins(posts, window, minimum_count)

    table = CooccurrenceTable.count(posts, window=window, minimum_count=minimum_count)

    found = table.bins(posts)
    for index, post in enumerate(posts):
        for i, one in enumerate(post):
            for j, other in enumerate(post):
                bin_ = UNKNOWN_WORD if i == j else expected.get((one, other), UNKNOWN_WORD)
                assert found[index, i, j] == bin_, (one, other)
        assert not found[index, len(post) :].any()


def test_stop_words_punctuation_and_rare_pairs_are_unknown():
    posts = [["the", "king", "!", "crown"]] * 2 + [["king", "sword"]]
    table = CooccurrenceTable.count(posts)

    bins = table.bins([["the", "king", "!", "crown", "sword", "unseen"]])[0]

    assert bins[1, 3] == bins[3, 1] > 0
    bins[1, 3] = bins[3, 1] = 0
    assert not bins.any()


def test_words_of_two_posts_are_no_pair_and_dropped_words_keep_the_distance():
    table = CooccurrenceTable.count([["a1"], ["b1"]] * 3, minimum_count=1)
    assert len(table) == 0

    far = [["rome", "of", "the", "paris"]]
    assert len(CooccurrenceTable.count(far, window=3, minimum_count=1)) == 0
    assert len(CooccurrenceTable.count(far, window=4, minimum_count=1)) == 1


@pytest.mark.parametrize("posts", [[], [[]], [["the", "!"]], [["alone"]]])
def test_an_empty_table_knows_no_pair(posts, tmp_path):
    table = CooccurrenceTable.count(posts)
    table.save(tmp_path / "table.safetensors")
    again = CooccurrenceTable.load(tmp_path / "table.safetensors")

    assert (len(again), again.bin_count) == (0, 2)
    assert not again.bins([["Rome", "Paris"], []]).any()
    assert again.bins([]).shape == (0, 0, 0)


def test_a_post_alone_has_the_bins_it_has_in_company():
    table = CooccurrenceTable.count(POSTS)

    batch = table.bins([["Rome", "Paris"], [], ["Oslo", "and", "the", "Rome"]])

    np.testing.assert_array_equal(batch[0, :2, :2], table.bins([["Rome", "Paris"]])[0])
    assert not batch[0, 2:].any()
    assert not batch[1].any()


def test_saved_and_loaded_gives_equal_bins(tmp_path):
    posts = [["Zürich", "naïve", 'quote"', "日本"]] * 2
    table = CooccurrenceTable.count(posts)
    table.save(tmp_path / "table.safetensors")

    again = CooccurrenceTable.load(tmp_path / "table.safetensors")

    np.testing.assert_array_equal(again.bins(posts), table.bins(posts))
    assert [file.name for file in tmp_path.iterdir()] == ["table.safetensors"]


@pytest.mark.parametrize(
    ("tensors", "metadata", "message"),
    [
        ({"keys": np.zeros(1)}, None, "expected the format"),
        ({"keys": np.zeros(1)}, {"format": "jmere co-occurrence table 1"}, "words"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path, tensors, metadata, message):
    path = tmp_path / "foreign.safetensors"
    save_file(tensors, path, metadata=metadata)

    with pytest.raises(
        DataError, match=rf"foreign.safetensors: not a co-occurrence table.*{message}"
    ):
        CooccurrenceTable.load(path)


@pytest.mark.parametrize("content", [b"", b"garbage", pickle.dumps({"a": 1})])
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "table.safetensors"
    path.write_bytes(content)

    with pytest.raises(DataError, match="not a co-occurrence table"):
        CooccurrenceTable.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere: no such file; expected a co-occurrence"):
        CooccurrenceTable.load(tmp_path / "nowhere")


def _table(**changes):
    parts = {"words": ["a", "b"], "keys": np.array([0, 1]), "bins": np.array([1, 2], np.uint8)}
    return CooccurrenceTable(**{**parts, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"words": ["a", "a"]}, "duplicate word"),
        ({"keys": np.array([1, 0])}, "are not in ascending order"),
        ({"keys": np.array([0, 4])}, "beyond the 2 words"),
        ({"keys": np.array([-1, 0])}, "beyond the 2 words"),
        ({"keys": np.array([0])}, "1 pairs, but 2 bins"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    assert len(_table()) == 2
    with pytest.raises(ValueError, match=message):
        _table(**changes)


@pytest.mark.parametrize(
    ("options", "message"), [({"window": 1}, "window"), ({"minimum_count": 0}, "minimum count")]
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        CooccurrenceTable.count([], **options)
