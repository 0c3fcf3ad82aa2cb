import pytest

from builders import save_tiny_encoder
from jmere.text.pieces import MAX_WORD_PIECES, SPECIAL, PieceTokenizer


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return PieceTokenizer.load(save_tiny_encoder(tmp_path_factory.mktemp("pieces") / "encoder"))


def test_each_piece_knows_its_word(tokenizer):
    (pieces,) = tokenizer.split([["Ballon", "d'Or", "won"]])
    assert pieces.words == (SPECIAL, 0, 1, 1, 1, 2, SPECIAL)
    assert len(pieces.ids) == len(pieces.words)


def test_a_word_of_which_nothing_is_kept_is_unknown(tokenizer):
    posts = [["won", "\u200b", "won"], ["", "won"], ["\u00a0"]]
    for words, pieces in zip(posts, tokenizer.split(posts), strict=True):
        assert sorted(set(pieces.words) - {SPECIAL}) == list(range(len(words)))


def test_no_words_have_special_pieces_alone(tokenizer):
    assert [pieces.words for pieces in tokenizer.split([[]])] == [(SPECIAL, SPECIAL)]
    assert tokenizer.split([]) == []


def test_of_a_monstrous_word_the_beginning_is_read(tokenizer):
    (pieces,) = tokenizer.split([["won", "-" * 500, "won"]])
    assert pieces.words.count(1) == MAX_WORD_PIECES
    assert pieces.words.count(2) == 1


def test_labels_have_no_special_pieces(tokenizer):
    alone, together = tokenizer.labels(["trophy", "golden trophy"])
    assert len(alone) == 1
    assert together[1:] == alone
    assert tokenizer.labels([]) == []
