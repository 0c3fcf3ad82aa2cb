"""Model folders of others: no code of theirs runs, and no fault or size is more than a line."""

import json
import shutil
import time

import pytest
import torch
from safetensors.torch import load_file, save_file

from fuzz.targets import write_model
from jmere.pretrained.encoders import encoder_config, load_transformer
from jmere.tagger.folder import CONFIG, COOCCURRENCE, TAGS, WEIGHTS
from jmere.tagger.stored_header import SCALE_SUFFIX
from jmere.tagger.tagger import Tagger
from jmere.tagger.tensors import build_fitting, read_header
from jmere.text.pieces import PIECES, SETTINGS


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good") / "model"
    write_model(folder)
    return folder


@pytest.fixture
def model(good, tmp_path):
    return shutil.copytree(good, tmp_path / "model")


def change(path, key, value):
    """Set a value of a JSON file, by the names on its way."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    *parts, last = key.split(".")
    place = whole
    for part in parts:
        place = place[part]
    place[last] = value
    path.write_text(json.dumps(whole), encoding="utf-8")


def refused(folder, message):
    began = time.process_time()
    with pytest.raises(ValueError, match=message) as caught:
        Tagger.from_pretrained(folder)
    assert time.process_time() - began < 5
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 800


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("encoder.hidden_size", 10**9, "no network can be made of it"),
        ("encoder.hidden_size", "x", "encoder.hidden_size: expected a whole number from 1"),
        ("encoder.num_attention_heads", 0, "encoder.num_attention_heads: expected a whole number"),
        ("encoder.num_hidden_layers", 10**6, "encoder.num_hidden_layers: .*from 1 to 1000, got"),
        ("encoder.num_hidden_layers", 1000, "asks for more layers than model.safetensors has"),
        ("encoder.num_hidden_layers", 3, "model.safetensors has no 'encoder.transformer.*layer.2"),
        ("encoder.num_hidden_layers", 1, "has, beside the config's, 'encoder.transformer"),
        ("encoder.vocab_size", 2 * 10**7, r"asks for \[20000000, 16\]"),
        ("encoder.max_position_embeddings", 2**20, r"asks for \[1048576, 16\]"),
        ("encoder.max_position_embeddings", 2**40, "encoder.max_position_embeddings: expected"),
        ("encoder.pad_token_id", 10**6, "encoder.pad_token_id: expected a piece's number below"),
        ("encoder.model_type", "gpt2", "encoder.model_type: 'gpt2' is no text encoder"),
        ("encoder.model_type", ["bert"], "is no text encoder"),
        ("encoder.hidden_act", "nosuch", "no network can be made of it"),
        ("encoder.layer_norm_eps", "x", "layer_norm_eps"),
        ("encoder", [1], "expected an encoder's settings, got"),
        ("model.pair_width", 10**9, "no network can be made of it"),
        ("model.object_width", 10**9, "no network can be made of it"),
        ("model", 3, "model: expected a name and options, got 3"),
        ("graphs.appearance", 10**9, "weights do not fit the config"),
        ("graphs", [], "graphs: expected keys and values"),
        ("signatures", [["nosuch", "per", "per"]], r"signatures: 'nosuch' is not in tags\.json"),
        ("signatures", [["peer", "per", "nosuch"]], r"signatures: 'nosuch' is not in tags\.json"),
        ("signatures", [["peer"]], "expected a relation and two types"),
        ("pos", ["x"] * 300, "pos: 300 names; expected at most 254"),
        ("pos", "abc", "pos: expected a list of names, got 'abc'"),
        ("schema_version", ["x" * 10**6], "expected a whole number from 1 to 1"),
    ],
)
def test_a_config_that_harms_is_one_line(key, value, message, model):
    change(model / CONFIG, key, value)
    refused(model, message)


@pytest.mark.parametrize("name", [CONFIG, TAGS, PIECES, SETTINGS])
@pytest.mark.parametrize("content", ["[" * 100_000, "[]", "", '{"a": 1}', '"\\ud800"', "[1"])
def test_a_damaged_file_is_named(name, content, model):
    (model / name).write_text(content, encoding="utf-8")
    if name == SETTINGS and content == '{"a": 1}':  # tokenizer.json says what is unknown
        Tagger.from_pretrained(model)
    else:
        refused(model, name)


def test_how_an_encoder_is_computed_is_not_for_its_folder_to_say(model):
    plain = Tagger.from_pretrained(model)
    for key, value in {
        "encoder.attn_implementation": "kernels-community/flash-attn",
        "encoder._attn_implementation": "org/kernel",
        "encoder.auto_map": {"AutoModel": "evil.Model", "AutoConfig": "evil.Config"},
        "encoder.quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True},
        "encoder.dtype": "float99",
        "encoder.torch_dtype": "float16",
        "encoder.return_dict": False,
        "encoder.initializer_range": -1.0,
    }.items():
        change(model / CONFIG, key, value)
    (model / "evil.py").write_text("raise SystemExit('ran')", encoding="utf-8")
    loaded = Tagger.from_pretrained(model)
    for name, weights in plain.network.state_dict().items():
        assert torch.equal(weights, loaded.network.state_dict()[name]), name
    assert loaded.network.encoder.transformer.config._attn_implementation == (
        plain.network.encoder.transformer.config._attn_implementation
    )


@pytest.mark.parametrize("trusting", ["y\n", ""])
def test_a_tokenizers_own_code_is_neither_run_nor_asked_about(trusting, model, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked"))
    (model / "evil.py").write_text("import pathlib; pathlib.Path('RAN').touch()", encoding="utf-8")
    change(model / SETTINGS, "auto_map", {"AutoTokenizer": ["evil.T", "evil.T"]})
    change(model / SETTINGS, "tokenizer_class", "EvilTokenizer")
    monkeypatch.chdir(model)
    Tagger.from_pretrained(model)  # its pieces are those of tokenizer.json
    (model / PIECES).unlink()
    refused(model, "requires custom code, which is not run")
    assert not (model / "RAN").exists()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("tokenizer_file", "/etc/passwd", "'tokenizer_file' must not be given"),
        ("vocab_file", "../vocab.txt", "'vocab_file' must not be given"),
        ("model_max_length", "many", "model_max_length must be a whole number from 3, got 'many'"),
        ("model_max_length", 1, "model_max_length must be a whole number from 3, got 1"),
        ("unk_token", None, "unk_token"),
        ("unk_token", 5, SETTINGS),
    ],
)
def test_a_tokenizers_settings_are_checked(key, value, message, model):
    change(model / SETTINGS, key, value)
    refused(model, message)


def test_a_piece_beyond_the_vocabulary_is_refused(model):
    change(model / PIECES, "model.vocab.beyond", 10**6)
    refused(model, r"tokenizer\.json: piece 'beyond' is number 1000000, but the encoder has")


def test_weights_are_checked(model):
    weights = load_file(model / WEIGHTS)
    name = next(name for name, tensor in weights.items() if tensor.dim() == 2)
    shape = weights[name].shape
    for changes, message in (
        ({name + SCALE_SUFFIX: torch.ones(3, 3)}, "expected one scale per row"),
        ({"x" + SCALE_SUFFIX: torch.ones(3, 1)}, "expected one scale per row of 'x'"),
        ({name: torch.ones(shape, dtype=torch.int8)}, "holds I8; expected numbers"),
        ({name: torch.ones(shape, dtype=torch.int64)}, "holds I64; expected numbers"),
        ({name: torch.full(shape, torch.nan)}, "the model's weights hold NaN or infinity, in"),
        ({name: torch.ones(shape[1], shape[0] + 1)}, "weights do not fit the config"),
        ({"more": torch.ones(1)}, "has, beside the config's, 'more'"),
    ):
        save_file({**weights, **changes}, model / WEIGHTS)
        refused(model, message)
    (model / WEIGHTS).write_bytes((1 << 60).to_bytes(8, "little") + b"{}")
    refused(model, "damaged or not a safetensors file")


def test_a_damaged_table_of_words_is_one_line(model):
    for content in (b"", bytes(8), (2).to_bytes(8, "little") + b"{}"):
        (model / COOCCURRENCE).write_bytes(content)
        refused(model, COOCCURRENCE)


def test_a_network_is_not_made_where_it_does_not_fit(tmp_path):
    save_file({"weight": torch.ones(2, 2), "bias": torch.ones(2)}, tmp_path / "a.safetensors")
    header = read_header(tmp_path / "a.safetensors")
    made = []

    def build(size):
        made.append(size)
        return torch.nn.Linear(size, 2)

    assert build_fitting(lambda: build(2), header, where="config").weight.shape == (2, 2)
    with pytest.raises(ValueError, match=r"'weight' has shape \[2, 2\], config asks for"):
        build_fitting(lambda: build(10**12), header, where="config")
    assert made == [2, 2, 10**12]

    def endless():
        layers = torch.nn.ModuleList()
        while True:
            layers.append(torch.nn.Dropout())

    with pytest.raises(ValueError, match=r"asks for more layers than a\.safetensors has"):
        build_fitting(endless, header, where="config")


def test_an_encoder_to_learn_from_is_checked_too(good, tmp_path):
    encoder = shutil.copytree(good.with_name("encoder"), tmp_path / "encoder")
    assert load_transformer(encoder).config.hidden_size == 16
    change(encoder / CONFIG, "attn_implementation", "org/kernel")
    change(encoder / CONFIG, "auto_map", {"AutoModel": "evil.Model"})
    assert load_transformer(encoder).config.hidden_size == 16
    change(encoder / CONFIG, "num_hidden_layers", 10**6)
    with pytest.raises(ValueError, match="num_hidden_layers: expected a whole number from 1 to"):
        load_transformer(encoder)
    change(encoder / CONFIG, "num_hidden_layers", 2)
    (encoder / WEIGHTS).write_bytes(b"x")
    with pytest.raises(ValueError, match=f"encoder {encoder}: "):
        load_transformer(encoder)
    with pytest.raises(FileNotFoundError, match=r"encoder .*nothing: "):
        load_transformer(tmp_path / "nothing")


def test_settings_that_are_not_known_are_not_heeded():
    config = encoder_config({"model_type": "bert", "hidden_size": 24, "evil": 1}, where="encoder")
    assert config.hidden_size == 24
    assert not hasattr(config, "evil")
