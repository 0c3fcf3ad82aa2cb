"""The HTTP server: extraction, scene graphs, graphs and the web page over one model."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "app": ("create_app",),
        "server": ("run_server",),
        "serve_config": ("ServeConfig",),
    },
)
