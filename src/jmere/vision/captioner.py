"""A sentence about a picture, by a captioner of Hugging Face transformers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from jmere.errors import one_line, require
from jmere.files.whole import sha256_of
from jmere.pretrained.hub import local_only
from jmere.records import Pixels, SceneGraph, SceneObject
from jmere.vision.detect.boxes import Selection

CAPTIONER = "captioner"
"""Name of the captioner among the detectors."""

_MAX_PIECES = 40
"""Maximum length of a caption in word pieces."""

_MAX_LETTERS = 400


class Captioner:
    """Describes pictures; a detector whose one object is the whole sentence, without a box."""

    def __init__(
        self, network: Any, processor: Any, tokenizer: Any, *, settings: Mapping[str, object]
    ) -> None:
        """Store the model, its image processor and its tokenizer; ``load`` makes them."""
        self._network, self._processor, self._tokenizer = network, processor, tokenizer
        self.settings = settings
        self._one_at_a_time = Lock()

    @classmethod
    def load(
        cls,
        weights: str | None,
        *,
        classes: Sequence[str] | None = None,
        selection: Selection | None = None,
    ) -> Captioner:
        """Load a folder or a Hub id: BLIP, GIT, a vision encoder with a text decoder, ...

        No code of the model's own is run, and weights are read from safetensors only.

        Raises:
            FileNotFoundError: If there is no such model, or it has no safetensors.
            ValueError: If it is no captioner, or no name is given.
        """
        if not weights:
            raise ValueError("the captioner is a Hub id or a folder; none is given")
        torch = require("torch", "captioner", "the captioner")
        parts: Any = require("transformers", "captioner", "the captioner")
        safe = {"trust_remote_code": False, "local_files_only": local_only(weights)}
        try:
            network = parts.AutoModelForImageTextToText.from_pretrained(
                weights,
                use_safetensors=True,
                dtype=torch.float32,
                attn_implementation="eager",
                **safe,
            )
            # Pillow's own filters, whether torchvision is here or not: one picture, one result.
            processor = parts.AutoImageProcessor.from_pretrained(weights, backend="pil", **safe)
            tokenizer = parts.AutoTokenizer.from_pretrained(weights, **safe)
        except OSError as error:
            raise FileNotFoundError(f"{weights}: no captioner found ({one_line(error)})") from None
        except Exception as error:  # transformers raises what its own checks do
            raise ValueError(f"{weights}: not a captioner ({one_line(error)})") from None
        settings = {
            "detector": CAPTIONER,
            "weights": weights,
            "revision": getattr(network.config, "_commit_hash", None),
            "content": _content(Path(weights)),
            "pieces": _MAX_PIECES,
        }
        return cls(network.eval(), processor, tokenizer, settings=settings)

    def detect(self, pixels: Pixels) -> SceneGraph:
        """Return the caption, the likeliest by greedy search, as the label of one object."""
        import torch

        height, width = pixels.shape[:2]
        values = self._processor(images=pixels, return_tensors="pt")
        with self._one_at_a_time, torch.inference_mode():
            pieces = self._network.generate(
                pixel_values=values["pixel_values"],
                max_new_tokens=_MAX_PIECES,
                do_sample=False,
                num_beams=1,
            )
        (text,) = self._tokenizer.batch_decode(pieces, skip_special_tokens=True)
        caption = " ".join(text.split())[:_MAX_LETTERS]
        return SceneGraph((SceneObject(caption),) if caption else (), size=(width, height))


def _content(folder: Path) -> str | None:
    """Return what tells the weights of a folder from others; a Hub id has its revision."""
    files = sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
    return " ".join(map(sha256_of, files)) or None
