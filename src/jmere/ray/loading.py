"""What a worker loads once: the extractor and its options."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jmere.scenes.visual_config import VisualConfig

if TYPE_CHECKING:
    from jmere.extract import Extractor

THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS"),
)
"""Variables that say how many threads a library starts; they count when it is loaded."""


@dataclass(frozen=True, kw_only=True)
class ExtractorLoader:
    """Loads an extractor that computes on one thread: workers share the processors.

    A subclass may load something else; its module has to be there for every worker.

    Example:
        >>> ExtractorLoader().load().extract("Lionel Messi leaves Barcelona").id is None
        True
    """

    model: str | Path = "default"
    backend: str = "auto"
    device: str = "cpu"
    visual: VisualConfig = field(default_factory=VisualConfig)
    read_text: bool = False

    def within_folder(self) -> ExtractorLoader:
        """Return the loader for posts of files, of which only pictures in a named folder are read.

        See ``VisualConfig.within_folder``.
        """
        return replace(self, visual=self.visual.within_folder())

    def placed(self) -> ExtractorLoader:
        """Return the loader with absolute paths: workers run in another folder."""
        visual = replace(
            self.visual,
            scenes=_absolute(self.visual.scenes),
            features=_absolute(self.visual.features),
            images=_absolute(self.visual.images),
            weights=_absolute(self.visual.weights),
        )
        model = self.model if str(self.model) == "default" else _absolute(self.model)
        return replace(self, model=model or "default", visual=visual)

    def load(self) -> Extractor:
        """Load the extractor.

        Raises:
            FileNotFoundError: If there is no such model, or a file of it is missing.
            ValueError: If the folder holds no model of ours, or a damaged one.
        """
        from jmere.extract import Extractor

        extractor = Extractor.from_pretrained(
            self.model,
            backend=self.backend,  # type: ignore[arg-type]  # checked there
            device=self.device,
            visual=self.visual,
            read_text=self.read_text,
        )
        pool = extractor.tagger.scorer.pool
        if pool is not None:  # the ONNX engine takes all processors by itself
            pool.count = 1
        elif self.device == "cpu":
            import torch

            torch.set_num_threads(1)
        return extractor


def _absolute(path: str | Path | None) -> str | None:
    """Return a path that is there as an absolute one; a name or a Hub id stays."""
    if path is None:
        return None
    return str(Path(path).absolute() if Path(path).exists() else path)
