"""A small form of each model, for tests that go through all of them."""

import torch

from builders import SIZES, tiny_encoder
from jmere.models.registry import FUSIONS, RECIPES, ModelConfig

PAIRS = {"form": "biaffine", "width": 8, "dropout": 0.0}
FUSION = {"object_width": 8, "dropout": 0.0, "pairs": PAIRS}
CHOICES = {
    "eega": {
        "heads": 2,
        "object_width": 8,
        "edge_width": 4,
        "channel_width": 5,
        "dropout": 0.0,
        "channel_residual": True,
        "pair_form": "biaffine",
        "pair_width": 8,
    },
    "text": {"pairs": PAIRS},
    "adapcoatt": {**FUSION, "attention_width": 4},
    "ocsga": {**FUSION, "heads": 2},
    "agban": {**FUSION, "rank": 8},
    "umgf": {**FUSION, "width": 8, "layers": 2, "heads": 2, "feed_width": 8},
    "mega": FUSION,
    "maf": {**FUSION, "heads": 2},
    "pipeline": {
        "entities": {"name": "text"},
        "entity_dropout": 0.0,
        "relations": {"object_width": 8, "dropout": 0.0},
    },
}
"""What makes each small; a model that is not here is small as it is."""

ENTITY_MODELS = {
    name: {key: value for key, value in {"name": name, **choices}.items() if key != "pairs"}
    for name, choices in CHOICES.items()
    if name in FUSIONS
}

FORMS = [
    *((name, {}) for name in RECIPES),
    ("adapcoatt", {"coatt_form": "additive"}),
    ("ocsga", {"object_source": "nodes", "layers": 3}),
    ("agban", {"glimpses": 2}),
    ("umgf", {"text_graph": "dependency"}),
    ("mega", {"mega_visual": "global"}),
    ("mega", {"structure": {"mode": "exact", "top_objects": 2}}),
    ("mega", {"structure": {"use": False}}),
    ("maf", {"cm_pool": "mean", "swap_level": "image"}),
    *(("pipeline", {"entities": each}) for name, each in ENTITY_MODELS.items() if name != "text"),
]
"""Every model, and every way of those that have several."""


def name_of(form):
    """What a test calls a form."""
    name, changes = form
    if "entities" in changes:
        return f"{changes['entities']['name']}+mega"
    return f"{name}-{changes}" if changes else name


def tiny_config(form):
    """The config of a form."""
    name, changes = form
    return ModelConfig.parse({"name": name, **CHOICES.get(name, {}), **changes})


def tiny_model(form):
    """A form over a tiny encoder, its weights random, for the batches of ``builders``."""
    torch.manual_seed(0)
    return tiny_config(form).build(tiny_encoder(), SIZES)
