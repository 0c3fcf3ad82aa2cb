"""Limits and switches of the HTTP server."""

from __future__ import annotations

from dataclasses import dataclass

from jmere.checks import check_choices

MEBIBYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class ServeConfig:
    """What one server accepts, and how long it works on it.

    Example:
        >>> ServeConfig(max_posts=16).max_posts
        16
    """

    model: str = "default"
    """Name of the model, for clients to see."""
    max_body: int = 32 * MEBIBYTE
    """Maximum size of a request's body in bytes."""
    max_buffered: int = 256 * MEBIBYTE
    """Maximum size of all bodies that are held at one time, in bytes."""
    max_values: int = 500_000
    """Maximum number of values in the JSON of a request."""
    max_posts: int = 256
    """Maximum number of posts in a request."""
    max_pictures: int = 64
    """Maximum number of pictures in a request."""
    max_text: int = 20_000
    """Maximum length of a text in characters."""
    max_batch: int = 256
    """Maximum number of posts that the extractor gets at one time."""
    batch_size: int = 64
    """Posts that the model computes together."""
    max_wait: float = 0.004
    """Seconds that a post waits for others to be computed with."""
    max_queue: int = 2048
    """Maximum number of posts that wait; further requests are refused with 429."""
    timeout: float = 60.0
    """Seconds from the last byte of a request to its result."""
    query_timeout: float = 30.0
    """Seconds that a SPARQL query may take."""
    read_timeout: float = 30.0
    """Seconds in which a body must arrive."""
    stop_timeout: float = 30.0
    """Seconds that accepted requests have left when the server stops."""
    api_keys: tuple[str, ...] = ()
    """Keys that give access; without any, every client has access."""
    hosts: tuple[str, ...] | None = None
    """Host names that requests may be addressed to; ``None`` allows any."""
    log_texts: bool = False
    """Whether the log contains the texts of posts."""

    def __post_init__(self) -> None:
        counts = (
            *("max_body", "max_buffered", "max_values", "max_posts", "max_pictures", "max_text"),
            *("max_batch", "batch_size", "max_queue"),
        )
        check_choices(
            self,
            counts=counts,
            amounts=("max_wait",),
            positive=("timeout", "query_timeout", "read_timeout", "stop_timeout"),
        )
        if self.max_queue < self.max_posts:
            raise ValueError(
                f"max_queue must be at least max_posts ({self.max_posts}), got {self.max_queue}"
            )
