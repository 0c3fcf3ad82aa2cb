import lzma

import pytest

from jmere.errors import DataError
from jmere.training.parser.augment import join_sentences, like_posts
from jmere.training.parser.conllu import read_conllu

SENTENCES = """\
# text = We don't.
1\tWe\twe\tPRON\tPRP\t_\t2\tnsubj:outer\t_\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdo\tdo\tAUX\tVBP\tMood=Ind\t0\troot\t_\t_
3\tn't\tnot\tPART\tRB\t_\t2\tadvmod\t_\t_
3.1\tgo\tgo\tVERB\t_\t_\t_\t_\t2:dep\t_
4\t.\t.\tPUNCT\t.\t_\t2\tpunct\t_\t_

1\tYes\tyes\tINTJ\tUH\t_\t0\troot\t_\t_
"""


def write(path, text=SENTENCES):
    if path.suffix == ".xz":
        path.write_bytes(lzma.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.conllu", "a.conllu.xz"])
def test_words_heads_and_plain_labels_are_read(tmp_path, name):
    first, second = read_conllu(write(tmp_path / name))

    assert first.words == ("We", "do", "n't", ".")
    assert first.pos == ("PRON", "AUX", "PART", "PUNCT")
    assert first.heads == (1, 1, 1, 1)
    assert first.labels == ("nsubj", "root", "advmod", "punct")
    assert (second.words, second.heads) == (("Yes",), (0,))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1\tYes\tyes", "a.conllu:1: 3 columns; expected 10"),
        ("2\tYes\t_\tINTJ\t_\t_\t0\troot\t_\t_", "a.conllu:1: word number 2; expected 1"),
        ("1\tYes\t_\tINTJ\t_\t_\tx\troot\t_\t_", "a.conllu:1: head 'x'; expected a word's"),
        ("1\tYes\t_\tINTJ\t_\t_\t7\troot\t_\t_", "hangs on word 7, but the sentence has 1"),
    ],
)
def test_a_line_that_is_not_conllu_is_named(tmp_path, line, message):
    with pytest.raises(DataError, match=message):
        list(read_conllu(write(tmp_path / "a.conllu", line + "\n\n")))


def test_joined_sentences_are_one_tree(tmp_path):
    tree = join_sentences(list(read_conllu(write(tmp_path / "a.conllu"))))

    assert tree.words == ("We", "do", "n't", ".", "Yes")
    assert tree.heads == (1, 1, 1, 1, 1)
    assert tree.labels[4] == "parataxis"


def test_posts_are_made_of_the_sentences_and_keep_them(tmp_path):
    sentences = list(read_conllu(write(tmp_path / "a.conllu"))) * 100

    posts = list(like_posts(sentences, seed=0))

    made = [post for post in posts if post not in sentences]
    assert [post for post in posts if post in sentences][:200] == sentences
    assert {"WE", "we"} <= {post.words[0] for post in made}
    assert any("parataxis" in post.labels for post in made)
    assert all(sum(h == i for i, h in enumerate(post.heads)) == 1 for post in posts)
    assert posts == list(like_posts(sentences, seed=0))
