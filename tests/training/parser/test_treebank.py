import json
import re
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file
from typer.testing import CliRunner

from jmere.cli import main
from jmere.files.packaged import packaged_file
from jmere.records import TextGraph
from jmere.text.parser import Parser
from jmere.training.parser.conllu import read_conllu
from jmere.training.parser.train_parser import train_parser
from jmere.training.parser.treebank import app, evaluate_parser
from jmere.training.parser.word_vectors import VECTOR_SCALE, word_vectors

CONFIG = packaged_file("recipes/bundled/parser.cfg")
ROWS = [
    ("Ann", "PROPN", 2, "nsubj"),
    ("saw", "VERB", 0, "root"),
    ("@bob", "PROPN", 2, "obj"),
    (".", "PUNCT", 2, "punct"),
]


class Answers(Parser):
    """A parser that gives the trees it was made with."""

    def __init__(self, *trees):
        self.name, self.trees = "answers", list(trees)

    def parse(self, texts, *, one_tree=False):
        assert [text.words for text in texts] == [tree.words for tree in self.trees]
        return self.trees


def tree(*rows):
    words, pos, heads, labels = zip(*rows, strict=True)
    return TextGraph(words, pos, tuple(h - 1 if h else i for i, h in enumerate(heads)), labels)


@pytest.fixture
def treebank(tmp_path):
    lines = [
        f"{i}\t{word}\t_\t{pos}\t_\t_\t{head}\t{label}\t_\t_"
        for i, (word, pos, head, label) in enumerate(ROWS, 1)
    ]
    folder = tmp_path / "treebank"
    folder.mkdir()
    for split in ("train", "dev"):
        path = folder / f"en-{split}.conllu"
        path.write_text("\n".join([*lines, "", ""]) * 20, encoding="utf-8")
    return folder


def test_accuracy_by_hand():
    gold = tree(*ROWS)
    found = tree(
        ("Ann", "NOUN", 2, "nsubj"),
        ("saw", "VERB", 0, "root"),
        ("@bob", "PROPN", 2, "iobj"),
        (".", "PUNCT", 3, "punct"),
    )

    accuracy = evaluate_parser([gold, gold], Answers(found, gold))

    assert (accuracy.sentences, accuracy.words) == (2, 8)
    assert (accuracy.upos, accuracy.uas, accuracy.las) == (7 / 8, 7 / 8, 6 / 8)


def test_nothing_to_measure_on_is_said():
    with pytest.raises(ValueError, match=r"empty.conllu: no sentence to measure on"):
        evaluate_parser([], Answers(), file="empty.conllu")


@pytest.fixture
def tiny_config(tmp_path):
    """The project's config, with a network that learns four words in seconds."""
    text = CONFIG.read_text(encoding="utf-8")
    for old, new in {
        r"width = 96": "width = 32",
        r"depth = \d+": "depth = 1",
        r"rows = .*": "rows = [50,50,50,50]",
        r"min_action_freq = 10": "min_action_freq = 1",
        r"dropout = .*": "dropout = 0.0",
        r"initial_rate = .*": "initial_rate = 0.02",
        r"warmup_steps = .*": "warmup_steps = 1",
        r"max_steps = .*": "max_steps = 30",
        r"eval_frequency = .*": "eval_frequency = 30",
    }.items():
        text, count = re.subn(old, new, text)
        assert count, old
    path = tmp_path / "tiny.cfg"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def encoder(tmp_path):
    """The two files of an encoder that word vectors are made of."""
    folder = tmp_path / "encoder"
    folder.mkdir()
    pieces = ["[PAD]", "##a", "ann", "saw", "é", "."]
    (folder / "vocab.txt").write_text("\n".join([*pieces, ""]), encoding="utf-8")
    table = np.random.default_rng(0).standard_normal((len(pieces), 64)).astype(np.float32)
    save_file({"embeddings.word_embeddings.weight": table}, folder / "model.safetensors")
    return folder


def test_word_vectors_are_those_of_the_commonest_whole_words(encoder):
    vectors = word_vectors(encoder, words=2, width=2)

    assert [vectors.strings[key] for key in vectors] == ["ann", "saw"]
    one, other = vectors.data
    # Two words, once centred, lie on one axis.
    np.testing.assert_allclose(one, -other, atol=1e-6)
    assert np.abs(one[0]) == pytest.approx(VECTOR_SCALE * np.sqrt(2))


@pytest.mark.parametrize("name", ["vocab.txt", "model.safetensors"])
def test_an_encoder_without_its_files_is_refused(encoder, name):
    (encoder / name).unlink()

    with pytest.raises(FileNotFoundError, match=rf"encoder: no {name}; expected the folder"):
        word_vectors(encoder, words=2, width=2)


def test_weights_of_something_else_are_refused(encoder):
    save_file({"other": np.zeros(1)}, encoder / "model.safetensors")

    with pytest.raises(ValueError, match=r"no 'embeddings.word_embeddings.weight' among"):
        word_vectors(encoder, words=2, width=2)


def test_training_fits_a_tiny_treebank_and_ships_a_pipeline(
    treebank, tiny_config, encoder, tmp_path
):
    out = tmp_path / "pipeline"

    train_parser(treebank, out, config=tiny_config, encoder=encoder, seconds=300)

    trees = list(read_conllu(treebank / "en-dev.conllu"))
    accuracy = evaluate_parser(trees, Parser.load(out))
    assert (accuracy.upos, accuracy.uas) == (1, 1)
    assert (out / "vocab" / "strings.json").read_text(encoding="utf-8") == "[]\n"
    assert str(tmp_path) not in (out / "config.cfg").read_text(encoding="utf-8")


def test_training_ends_when_its_time_is_up(treebank, tiny_config, encoder, tmp_path, capfd):
    train_parser(treebank, tmp_path / "pipeline", config=tiny_config, encoder=encoder, seconds=0)

    assert "_TimeIsUpError" in capfd.readouterr().err
    assert Parser.load(tmp_path / "pipeline").dependency_names


def test_a_missing_split_and_a_folder_that_is_there_are_refused(treebank, tmp_path):
    with pytest.raises(FileExistsError, match=r"exists already; expected a new folder"):
        train_parser(treebank, tmp_path, config=CONFIG, encoder=tmp_path, seconds=1)
    (treebank / "en-dev.conllu").unlink()
    with pytest.raises(FileNotFoundError, match=r"treebank: 0 files \*-dev.conllu"):
        train_parser(treebank, tmp_path / "pipeline", config=CONFIG, encoder=tmp_path, seconds=1)
    assert not (tmp_path / "pipeline").exists()


def test_the_command_prints_one_line_of_json(treebank):
    result = CliRunner().invoke(app, ["evaluate", str(treebank / "en-dev.conllu"), "--one-tree"])

    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (found["file"], found["pipeline"], found["words"]) == ("en-dev.conllu", "bundled", 80)
    assert found["one_tree"] is True
    assert 0 <= found["las"] <= found["uas"] <= 1


def test_wrong_input_is_one_line(tmp_path, capsys):
    (tmp_path / "a.conllu").write_text("1\tno\n", encoding="utf-8")

    assert main(["build", "parser", "evaluate", str(tmp_path / "a.conllu")]) == 2

    assert capsys.readouterr().err.endswith(
        "a.conllu:1: 2 columns; expected 10, with tabs between them\n"
    )


@pytest.mark.parametrize(
    ("file", "upos", "las"),
    [
        ("ewt/en_ewt-ud-test.conllu.xz", 0.94, 0.83),
        pytest.param("tweebank/en-ud-tweet-test.conllu", 0.85, 0.65, marks=pytest.mark.soak),
        ("tweebank/en-ud-tweet-test.fixed.conllu", 0.85, 0.65),
    ],
)
def test_the_bundled_parser_reaches_what_it_promises(shared, file, upos, las):
    path = shared / "data" / "treebanks" / file
    # A process of its own is spared the type checks of the tests, which cost it minutes.
    command = [sys.executable, "-m", "jmere", "build", "parser", "evaluate", str(path)]

    done = subprocess.run([*command, "--one-tree"], check=True, capture_output=True, text=True)

    accuracy = json.loads(done.stdout)
    assert accuracy["upos"] >= upos
    assert accuracy["las"] >= las
