"""Mask R-CNN (He et al. 2017, arXiv 1703.06870), the paper's detector, with torchvision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jmere.errors import one_line, require
from jmere.files.whole import sha256_of
from jmere.records import Pixels, SceneGraph
from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.detector import scene_of


class MaskRcnn:
    """Mask R-CNN with ResNet-50-FPN; masks are not computed."""

    def __init__(
        self,
        network: Any,
        *,
        classes: Sequence[str],
        selection: Selection,
        settings: Mapping[str, object],
    ) -> None:
        self.network, self.classes = network, tuple(classes)
        self.selection, self.settings = selection, settings

    @classmethod
    def load(
        cls,
        weights: str | None,
        *,
        classes: Sequence[str] | None,
        selection: Selection,
    ) -> MaskRcnn:
        """Load a weights file, or torchvision's COCO weights; see ``load_detector``."""
        models: Any = require("torchvision.models.detection", "maskrcnn", "Mask R-CNN")
        published = models.MaskRCNN_ResNet50_FPN_V2_Weights.COCO_V1
        names = tuple(classes or published.meta["categories"])
        network: Any = models.maskrcnn_resnet50_fpn_v2(
            weights=None, weights_backbone=None, num_classes=len(names)
        )
        if weights is None:
            state, used = _published(published), str(published.url)
        else:
            state, used = _read(Path(weights)), sha256_of(Path(weights))
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            reason = one_line(error)
            raise ValueError(f"{weights}: not weights of this network ({reason})") from None
        network.roi_heads.mask_roi_pool = None  # masks are not drawn
        settings = {"detector": "maskrcnn", "weights": used, "classes": names, **asdict(selection)}
        return cls(network.eval(), classes=names, selection=selection, settings=settings)

    @torch.inference_mode()
    def detect(self, pixels: Pixels) -> SceneGraph:
        """Detect objects; see ``Detector``.

        Appearance is the output of the box head: the node features of the paper's scene-graph
        toolkit.
        """
        network, (height, width) = self.network, pixels.shape[:2]
        values = torch.from_numpy(pixels.transpose(2, 0, 1) / np.float32(255))
        images, _ = network.transform([values])
        features = network.backbone(images.tensors)
        proposals, _ = network.rpn(images, features)
        found, _ = network.roi_heads(features, proposals, images.image_sizes)
        # What was found is in pixels of the resized picture.
        rows, columns = images.image_sizes[0]
        scale = np.array([width / columns, height / rows] * 2, np.float32)
        classes = found[0]["labels"].numpy()
        scores = found[0]["scores"].numpy()
        boxes, kept = self.selection.choose(
            found[0]["boxes"].numpy() * scale, scores, classes, (width, height)
        )
        pooled = network.roi_heads.box_roi_pool(
            features, [torch.from_numpy(boxes / scale)], images.image_sizes
        )
        return scene_of(
            [self.classes[classes[row]] for row in kept],
            boxes,
            scores[kept],
            (width, height),
            network.roi_heads.box_head(pooled).numpy(),
        )


def _published(weights: Any) -> Mapping[str, torch.Tensor]:
    """Return torchvision's published weights, downloaded to torch's cache and verified."""
    try:
        state: Mapping[str, torch.Tensor] = weights.get_state_dict(
            progress=True, check_hash=True, weights_only=True
        )
    except OSError as error:
        file = str(weights.url).rsplit("/", 1)[-1]
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        raise FileNotFoundError(
            f"the weights of Mask R-CNN are not available and could not be fetched ({error}): "
            f"put {file} into {folder}; it comes from {weights.url}"
        ) from None
    return state


def _read(path: Path) -> Mapping[str, torch.Tensor]:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such weights file")
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except SafetensorError as error:
            raise ValueError(f"{path}: not a weights file ({one_line(error)})") from None
    try:
        state: Mapping[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises what its unpickler does
        reason = one_line(error)
        raise ValueError(f"{path}: not a weights file ({reason})") from None
    return state
