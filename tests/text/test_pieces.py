import json

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


def damage(folder, change):
    """A tokenizer's folder whose ``tokenizer.json`` has been changed."""
    save_tiny_encoder(folder)
    path = folder / "tokenizer.json"
    parts = json.loads(path.read_text())
    change(parts)
    path.write_text(json.dumps(parts))
    return folder


def test_a_tokenizer_that_panics_is_refused_when_it_is_loaded(tmp_path):
    def rename_special(parts):
        parts["post_processor"]["single"][0]["SpecialToken"]["id"] = "[NONE]"

    folder = damage(tmp_path / "encoder", rename_special)
    with pytest.raises(ValueError, match=r"tokenizer\.json: not (usable|a tokenizer) \(.+\)$"):
        PieceTokenizer.load(folder)


def test_a_tokenizer_that_leaves_out_the_text_is_refused_when_it_is_loaded(tmp_path):
    def no_template(parts):
        parts["post_processor"]["single"] = []

    with pytest.raises(ValueError, match=r"tokenizer\.json: not usable \(.*a word has no piece"):
        PieceTokenizer.load(damage(tmp_path / "encoder", no_template))


def test_a_text_that_a_damaged_tokenizer_cannot_read_is_told(tmp_path):
    def drop_unknown(parts):
        parts["model"]["unk_token"] = "[NONE]"

    tokenizer = PieceTokenizer.load(damage(tmp_path / "encoder", drop_unknown))
    with pytest.raises(ValueError, match=r"^tokenizer\.json: a text cannot be tokenized \(.+\)$"):
        tokenizer.split([["won", "\u0a05"]])
    with pytest.raises(ValueError, match=r"^tokenizer\.json: an object's label cannot be"):
        tokenizer.labels(["\u0a05"])
