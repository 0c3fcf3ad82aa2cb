import os
import subprocess
import sys

import pytest
import yaml
from hub_stub import hub

from jmere import Extractor
from jmere.integrations import push_to_hub
from jmere.integrations.hub_card import model_card
from jmere.tagger.folder import find_folder

SCORES = {
    "reading": "directed",
    "posts": 7,
    "jmere": {"precision": 0.5, "recall": 0.25, "f1": 0.3333},
    "mner": {"precision": 0.75, "recall": 0.8, "f1": 0.774},
}

CODE = """
import sys
from jmere.integrations.hub_upload import push_to_hub
print(push_to_hub("default", "me/model", token="hf_test", private=True, endpoint=sys.argv[1]))
"""


def test_a_model_comes_back_from_the_hub_with_its_card(tmp_path):
    # Tests forbid the Hub's client the network, so it runs in a process of its own.
    environment = {key: value for key, value in os.environ.items() if key != "HF_HUB_OFFLINE"}
    # Without its extension hf_xet the client takes the documented protocol of LFS.
    environment |= {"HF_HUB_DISABLE_XET": "1"}
    environment |= {"HF_HOME": str(tmp_path / "hf"), "no_proxy": "127.0.0.1"}
    with hub() as server:
        address = f"http://127.0.0.1:{server.server_port}"
        done = subprocess.run(
            [sys.executable, "-c", CODE, address],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{address}/me/model/commit/1"
    assert server.created[0]["name"] == "model"
    assert server.tokens == {"Bearer hf_test"}
    assert server.messages == ["Upload model with jmere"]
    card = server.files.pop("README.md").decode()
    assert server.cards == [card]
    assert 'Extractor.from_pretrained("me/model")' in card
    assert {"config.json", "model.safetensors", "tags.json", "NOTICE"} <= server.files.keys()
    heads = {"names.safetensors", "visible.onnx", "visible.safetensors"}
    assert server.large == heads | {"cooccurrence.safetensors", "model.onnx", "model.safetensors"}
    for name, content in server.files.items():
        (tmp_path / name).write_bytes(content)
    found = Extractor.from_pretrained(tmp_path).extract("Lionel Messi leaves Barcelona")
    assert found.quintuples[0].relation == "member_of"


def test_the_card_has_metadata_labels_and_scores():
    card = model_card(find_folder("default"), "me/model", scores=SCORES, license="apache-2.0")
    _, metadata, body = card.split("---\n", 2)
    values = yaml.safe_load(metadata)
    assert values["library_name"] == "jmere"
    assert (values["license"], values["language"]) == ("apache-2.0", ["en"])
    metrics = values["model-index"][0]["results"][0]["metrics"]
    assert {each["name"]: each["value"] for each in metrics} == {
        "JMERE precision": 0.5, "JMERE recall": 0.25, "JMERE f1": 0.3333,
        "MNER precision": 0.75, "MNER recall": 0.8, "MNER f1": 0.774,
    }  # fmt: skip
    assert "| MNER | 75.00 | 80.00 | 77.40 |" in body
    assert "place_of_birth" in body


@pytest.mark.parametrize(
    ("model", "name", "error", "message"),
    [
        ("no/such/folder", "me/model", FileNotFoundError, "no such model folder"),
        ("default", "not a name", ValueError, "Repo id"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_sent(model, name, error, message):
    with pytest.raises(error, match=message):
        push_to_hub(model, name, endpoint="http://127.0.0.1:9")


def test_scores_of_another_form_are_refused():
    with pytest.raises(ValueError, match="jmere evaluate --json"):
        model_card(find_folder("default"), "me/model", scores={"f1": 0.5})
