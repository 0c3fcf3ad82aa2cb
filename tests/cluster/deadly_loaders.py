"""Loaders of extractors that kill their process, or raise errors, at posts of some texts."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from jmere.ray import ExtractorLoader


@dataclass(frozen=True, kw_only=True)
class Deadly(ExtractorLoader):
    """The extractor of ``jmere extract``, but for posts whose text has one of these words."""

    poison: str | None = None
    """Kills the process, every time."""
    once: tuple[str, str] | None = None
    """A word that kills the process once, and the file that then says so."""
    wrong: str | None = None
    """Raises an error."""

    def load(self):
        extractor = super().load()
        begin = extractor._begin

        def begin_or_die(posts, scenes, batch_size):
            for post in posts:
                self._look_at(post.text)
            return begin(posts, scenes, batch_size)

        extractor._begin = begin_or_die
        return extractor

    def _look_at(self, text):
        if self.poison is not None and self.poison in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.once is not None and self.once[0] in text and not Path(self.once[1]).exists():
            Path(self.once[1]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.wrong is not None and self.wrong in text:
            raise ArithmeticError("two and two are\nfive")


@dataclass(frozen=True, kw_only=True)
class DiesWhileLoading(ExtractorLoader):
    """A loader that kills its process."""

    def load(self):
        os.kill(os.getpid(), signal.SIGKILL)
