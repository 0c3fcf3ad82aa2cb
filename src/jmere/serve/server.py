"""Running the application: socket, signals and logs."""

from __future__ import annotations

import logging
import math
import signal
import socket

import uvicorn
from fastapi import FastAPI

from jmere.serve.json_logs import log_as_json
from jmere.serve.json_protocol import JsonErrorProtocol
from jmere.serve.serve_config import ServeConfig
from jmere.terminal import Verbosity, echo

_BACKLOG = 2048


def run_server(app: FastAPI, *, host: str, port: int, config: ServeConfig) -> None:
    """Serve until a signal comes; accepted requests are finished then.

    Raises:
        OSError: If the address cannot be used.
        Exception: If the model could not be loaded: whatever loading raised.
    """
    log_as_json(_level())
    with bound_socket(host, port) as listener:
        server = make_server(app, config)
        batcher = app.state.service.batcher
        batcher.on_failure = server.stop
        for name in (signal.SIGINT, signal.SIGTERM):
            # uvicorn stops at these and sends them on afterwards; that must not end the process.
            signal.signal(name, lambda *_: None)
        echo(f"jmere serves {url_of(listener)}")
        server.run(sockets=[listener])
    if batcher.failure is not None:
        raise batcher.failure


class StoppableServer(uvicorn.Server):
    """A server that can be told to stop."""

    def stop(self) -> None:
        """Stop once accepted requests are finished."""
        self.should_exit = True


def make_server(app: FastAPI, config: ServeConfig) -> StoppableServer:
    """Make the server of an application; its sockets are given to ``run``."""
    return StoppableServer(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            backlog=_BACKLOG,
            server_header=False,
            timeout_graceful_shutdown=math.ceil(config.stop_timeout),
            http=JsonErrorProtocol,  # of h11, which bounds the size of headers
            ws="none",
        )
    )


def bound_socket(host: str, port: int) -> socket.socket:
    """Open a listening socket, so that a wrong address is an error before the model is loaded.

    Raises:
        OSError: If the address cannot be used.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"cannot serve on {host}:{port}: {reason}") from None
    return opened


def url_of(listener: socket.socket) -> str:
    """Return the address of a socket as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _level() -> int:
    if Verbosity.level < 0:
        return logging.WARNING
    return logging.DEBUG if Verbosity.level > 1 else logging.INFO
