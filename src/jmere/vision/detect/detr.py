"""DETR (Carion et al. 2020, arXiv 2005.12872) and its family, with Hugging Face transformers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from threading import Lock
from typing import Any

import numpy as np
import torch
from transformers import AutoImageProcessor, AutoModelForObjectDetection

from jmere.errors import one_line
from jmere.pretrained.hub import local_only
from jmere.records import FloatArray, Pixels, SceneGraph
from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.detector import scene_of
from jmere.vision.detect.pooling import pool_boxes

_DEFAULT = "facebook/detr-resnet-50"


class Detr:
    """Detector of the DETR family: DETR, Conditional, Deformable, RT-DETR, D-FINE, ..."""

    def __init__(
        self,
        network: Any,
        processor: Any,
        *,
        names: Mapping[int, str],
        selection: Selection,
        settings: Mapping[str, object],
    ) -> None:
        self.network, self.processor = network, processor
        self.names, self.selection, self.settings = names, selection, settings
        self._maps: list[FloatArray] = []
        self._one_at_a_time = Lock()
        network.model.backbone.register_forward_hook(self._keep_maps)

    @classmethod
    def load(
        cls,
        weights: str | None,
        *,
        classes: Sequence[str] | None,
        selection: Selection,
    ) -> Detr:
        """Load a folder or a Hub id; see ``load_detector``."""
        name = weights or _DEFAULT
        here = local_only(name)
        try:
            # No code of the folder's own is run, nor kernels fetched that its config may name.
            network: Any = AutoModelForObjectDetection.from_pretrained(
                name,
                dtype=torch.float32,
                trust_remote_code=False,
                attn_implementation="eager",
                local_files_only=here,
            )
            # Pillow's own filters, whether torchvision is here or not: one picture, one result.
            processor: Any = AutoImageProcessor.from_pretrained(  # type: ignore[no-untyped-call]
                name, backend="pil", trust_remote_code=False, local_files_only=here
            )
        except OSError as error:
            reason = one_line(error)
            raise FileNotFoundError(f"{name}: no detector found ({reason})") from None
        except Exception as error:  # transformers raises what its own checks do
            reason = one_line(error)
            raise ValueError(f"{name}: not a detector of the DETR family ({reason})") from None
        if not hasattr(getattr(network, "model", None), "backbone"):
            raise ValueError(f"{name}: has no feature maps; expected a detector with a backbone")
        names = {int(number): label for number, label in network.config.id2label.items()}
        if classes is not None:
            if len(classes) != len(names):
                raise ValueError(f"{name}: has {len(names)} classes, but {len(classes)} names")
            names = dict(enumerate(classes))
        settings = {
            "detector": "detr",
            "weights": name,
            "revision": getattr(network.config, "_commit_hash", None),
            "classes": tuple(names.values()),
            **asdict(selection),
        }
        return cls(network.eval(), processor, names=names, selection=selection, settings=settings)

    @torch.inference_mode()
    def detect(self, pixels: Pixels) -> SceneGraph:
        """Detect objects; see ``Detector``."""
        height, width = pixels.shape[:2]
        values = self.processor(images=pixels, return_tensors="pt")
        with self._one_at_a_time:
            output = self.network(**values)
            maps = self._maps
        (found,) = self.processor.post_process_object_detection(
            output, threshold=self.selection.threshold, target_sizes=[(height, width)]
        )
        classes = found["labels"].numpy()
        scores = found["scores"].numpy()
        boxes, kept = self.selection.choose(
            found["boxes"].numpy(), scores, classes, (width, height)
        )
        frame = np.array([width, height] * 2, np.float32)
        return scene_of(
            [self.names[int(classes[row])] for row in kept],
            boxes,
            scores[kept],
            (width, height),
            pool_boxes(maps, boxes / frame),
        )

    def _keep_maps(self, module: Any, arguments: Any, output: Any) -> None:
        self._maps = [each[0].numpy() for each in _feature_maps(output)]


def _feature_maps(output: Any) -> Iterator[torch.Tensor]:
    """Return the feature maps of a backbone's output, with or without masks."""
    if isinstance(output, torch.Tensor):
        if output.dim() == 4:  # masks have three axes
            yield output
    elif isinstance(output, Mapping):
        yield from _feature_maps(tuple(output.values()))
    elif isinstance(output, (list, tuple)):
        for each in output:
            yield from _feature_maps(each)
