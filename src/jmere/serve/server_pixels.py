"""Reading of clients' pictures, whose errors tell nothing of the server's files."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from jmere.errors import MissingExtraError, one_line
from jmere.records import SceneGraph
from jmere.scenes.sources.from_pixels import PixelReader
from jmere.vision.flawed import Flawed
from jmere.vision.images import ImageError

log = logging.getLogger(__name__)

UNAVAILABLE = "this server cannot read pictures: its detector is not installed"


class PicturesUnavailableError(RuntimeError):
    """Error of a server whose detector cannot be loaded; the reason is in its log."""


class ServerPixels:
    """Reader of pictures that logs what is wrong with the server, and tells clients the rest."""

    def __init__(self, reader: PixelReader) -> None:
        self._reader = reader
        self._told = False

    def scenes(self, pictures: Sequence[Any], /) -> Iterator[SceneGraph | Flawed | Exception]:
        """Yield the scene graph of each picture, or an error to tell the client."""
        for answer in self._reader.scenes(pictures):
            yield self._public(answer) if isinstance(answer, Exception) else answer

    def scene(self, picture: Any) -> SceneGraph:
        """Return the scene graph of one picture.

        Raises:
            ImageError: If it cannot be read.
            PicturesUnavailableError: If the detector cannot be loaded.
        """
        (answer,) = self.scenes([picture])
        if isinstance(answer, Exception):
            raise answer
        return answer.scene if isinstance(answer, Flawed) else answer

    def _public(self, error: Exception) -> Exception:
        if isinstance(error, ImageError):
            return error
        if not isinstance(error, (OSError, MissingExtraError, ValueError)):
            return RuntimeError(f"the picture cannot be analysed ({type(error).__name__})")
        if not self._told:
            log.warning("pictures are not read: %s", one_line(error))
            self._told = True
        return PicturesUnavailableError(UNAVAILABLE)
