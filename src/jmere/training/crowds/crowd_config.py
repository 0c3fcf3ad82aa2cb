"""How training posts are varied and joined: the parts ``data.vary`` and ``data.join`` of a run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from jmere.checks import check_choices

SEPARATORS = (".", "", "!", "|", ",", "and", "...", "?", "-", "/", ";", "•")


@dataclass(frozen=True, kw_only=True)
class JoinConfig:
    """Posts joined into one text, drawn anew in every epoch."""

    share: float = 0.0
    """Share of an epoch's texts that are several posts."""
    most: int = 5
    """Maximum number of posts of a text; each number from 2 is equally frequent."""
    separators: list[str] = field(default_factory=lambda: list(SEPARATORS))
    """Words between the posts, one drawn for each text; a blank one joins without a word."""
    dev: list[int] = field(default_factory=list)
    """Numbers of dev posts joined, each a stacked dev set: the best epoch, the biases and the
    calibration are chosen on dev and these."""

    def __post_init__(self) -> None:
        check_choices(self, "data.join", shares=("share",))
        if self.most < 2:
            raise ValueError(f"data.join.most must be 2 or more, got {self.most}")
        if any(count < 2 for count in self.dev):
            raise ValueError(f"data.join.dev: expected numbers from 2, got {self.dev}")
        if not self.separators:
            raise ValueError("data.join.separators: expected a word or a blank one, got none")


@dataclass(frozen=True, kw_only=True)
class VaryConfig:
    """Variations of a training post, drawn anew in every epoch; each is a share of posts."""

    hashtags: float = 0.0
    """A name written as a hashtag, and hashtags in capitals split into words."""
    hyphens: float = 0.0
    """A name of several words written with a hyphen."""
    ends: float = 0.0
    """A full stop added or dropped at the end, or a web address added."""
    lower: float = 0.0
    """All words in lower case."""
    upper: float = 0.0
    """All words in capitals."""
    scenes: float = 0.0
    """The scene graph of another post, which may be empty, in place of its own."""
    no_picture: float = 0.0
    """Neither scene graph nor description, as a post without a picture."""

    def __post_init__(self) -> None:
        names = ("hashtags", "hyphens", "ends", "lower", "upper", "scenes", "no_picture")
        check_choices(self, "data.vary", shares=names)

    def any(self) -> bool:
        """Return whether any post is varied."""
        return any(asdict(self).values())

    def texts(self) -> bool:
        """Return whether more than the picture of a post may be varied, so it is parsed anew."""
        return replace(self, no_picture=0.0).any()
