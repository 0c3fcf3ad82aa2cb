"""Figures of the server for Prometheus."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Telemetry:
    """Counters and histograms of one server, in a registry of their own.

    Example:
        >>> telemetry = Telemetry()
        >>> telemetry.request("POST", "/v1/extract", 200, 0.02)
        >>> b'jmere_requests_total{method="POST"' in telemetry.page()
        True
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "jmere_requests",
            "Requests by method, path and status.",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self._latency = Histogram(
            "jmere_request_seconds",
            "Seconds from a request's first byte to its response.",
            ("path",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._posts = Counter(
            "jmere_posts", "Posts that were extracted from.", registry=self.registry
        )
        self._batch = Histogram(
            "jmere_batch_posts",
            "Posts that were computed together.",
            buckets=_SIZES,
            registry=self.registry,
        )
        self._stages = Histogram(
            "jmere_stage_seconds",
            "Seconds in a stage: read, wait, extract (of a batch), write.",
            ("stage",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.queue = Gauge("jmere_queue_posts", "Posts that wait.", registry=self.registry)
        self.ready = Gauge(
            "jmere_ready", "1 when the model is loaded, otherwise 0.", registry=self.registry
        )

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count a finished request."""
        self._requests.labels(method, path, str(status)).inc()
        self._latency.labels(path).observe(seconds)

    def stage(self, name: str, seconds: float) -> None:
        """Record the time that one stage took."""
        self._stages.labels(name).observe(seconds)

    def batch(self, posts: int, seconds: float) -> None:
        """Record a batch."""
        self._batch.observe(posts)
        self._posts.inc(posts)
        self.stage("extract", seconds)

    def page(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self.registry)
