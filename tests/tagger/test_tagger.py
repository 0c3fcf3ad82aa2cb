import json
import shutil

import pytest
import torch

from builders import sample_posts
from jmere.inputs.prepare import windows_of
from jmere.layers.tensor_batch import TensorBatch
from jmere.tagger.tagger import Tagger
from jmere.tagger.weights import load_weights, save_weights
from jmere.text.dependency import SELF


@pytest.fixture(scope="module")
def tagger(tiny_model):
    return Tagger.from_pretrained(tiny_model)


@pytest.fixture
def copy(tiny_model, tmp_path):
    """A copy of the model's folder to do harm to."""
    return shutil.copytree(tiny_model, tmp_path / "model")


def scores_of(tagger):
    batch = TensorBatch.of(tagger.batch(windows_of(tagger.prepare(sample_posts()))))
    with torch.no_grad():
        return tagger.network.eval()(batch).scores


def test_saved_and_loaded_gives_equal_scores(tagger, tmp_path):
    tagger.save_pretrained(tmp_path / "copy")
    loaded = Tagger.from_pretrained(tmp_path / "copy")
    assert torch.equal(scores_of(loaded), scores_of(tagger))
    assert loaded.tags == tagger.tags
    assert loaded.batch.predicates == tagger.batch.predicates


@pytest.mark.parametrize(("precision", "off"), [("float16", 0.01), ("int8", 0.15)])
def test_smaller_weights_give_nearly_equal_scores(tagger, tmp_path, precision, off):
    tagger.save_pretrained(tmp_path / "small", precision=precision)
    scores, exact = scores_of(Tagger.from_pretrained(tmp_path / "small")), scores_of(tagger)
    assert (scores - exact).abs().max() < off * exact.abs().max()


def test_a_row_of_integers_is_off_by_half_a_step_at_most(tmp_path):
    weights = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    save_weights({"w": weights, "b": torch.zeros(3)}, tmp_path / "w.safetensors", "int8")
    loaded = load_weights(tmp_path / "w.safetensors")
    step = weights.abs().amax(dim=1, keepdim=True) / 127
    assert ((loaded["w"] - weights).abs() <= step / 2 + 1e-6).all()
    assert loaded["b"].eq(0).all()


def test_saving_replaces_no_folder_of_the_users(tagger, copy):
    (copy / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"model: contains .thesis\.txt., which was not written by jmere"
    ):
        tagger.save_pretrained(copy)
    assert (copy / "thesis.txt").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in copy.parent.iterdir()] == ["model"]


def test_saving_replaces_a_folder_whole(tagger, copy):
    before = {path.name for path in copy.iterdir()}
    tagger.save_pretrained(copy)
    assert {path.name for path in copy.iterdir()} == before
    assert [path.name for path in copy.parent.iterdir()] == ["model"]


def test_no_file_of_a_model_is_a_pickle(tiny_model):
    suffixes = {path.suffix for path in tiny_model.iterdir()}
    assert suffixes <= {".json", ".safetensors", ".txt"}


def test_the_visual_graph_has_self_loops_and_counted_predicates(tagger):
    assert tagger.batch.predicates.names[0] == SELF


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("nowhere", FileNotFoundError, "nowhere: no such model folder; expected a folder, id or"),
        ("some/where/else", FileNotFoundError, "no such model folder"),
    ],
)
def test_an_unknown_model_is_one_line(name, error, message):
    with pytest.raises(error, match=message) as caught:
        Tagger.from_pretrained(name)
    assert "\n" not in str(caught.value)


def test_a_hub_id_without_a_network_is_one_line():
    with pytest.raises(FileNotFoundError, match="not found on the Hub") as caught:
        Tagger.from_pretrained("nobody/nothing")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(copy):
    (copy / "tags.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"no tags\.json; expected a model folder"):
        Tagger.from_pretrained(copy)


def test_a_cut_file_of_weights_is_told(copy):
    path = copy / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match="damaged or not a safetensors file"):
        Tagger.from_pretrained(copy)


def test_a_foreign_config_is_told(copy):
    (copy / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    with pytest.raises(ValueError, match="not a jmere model's config"):
        Tagger.from_pretrained(copy)


def test_a_config_of_another_form_is_told(copy):
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    (copy / "config.json").write_text(
        json.dumps({**config, "schema_version": 99}), encoding="utf-8"
    )
    with pytest.raises(ValueError, match="schema_version 99 is newer than this jmere"):
        Tagger.from_pretrained(copy)


def test_a_folder_of_an_earlier_version_is_read(copy):
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    assert config.pop("schema_version") == config["format"] == 1
    (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
    Tagger.from_pretrained(copy)


def test_weights_of_another_shape_are_told(copy):
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    config["model"]["pair_width"] = 5
    (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ValueError, match="weights do not fit the config"):
        Tagger.from_pretrained(copy)


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(tmp_path, precision, value):
    weights = {"a": torch.zeros(2), "b": torch.ones(3, 2)}
    weights["b"][1, 0] = value
    save_weights(weights, tmp_path / "w.safetensors", precision)
    with pytest.raises(
        ValueError, match=r"w\.safetensors: the model's weights hold NaN or infinity"
    ):
        load_weights(tmp_path / "w.safetensors")
