"""What every request passes: checks, headers, figures and the log."""

from __future__ import annotations

import itertools
import logging
import time
import uuid

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jmere.serve.api_errors import ApiError, error_response
from jmere.serve.bodies import drain
from jmere.serve.json_logs import failure_fields
from jmere.serve.security import HEADERS, KeyCheck, check_host, check_origin
from jmere.serve.serve_config import ServeConfig
from jmere.serve.telemetry import Telemetry

_log = logging.getLogger("jmere.serve.requests")

_OPEN = ("/", "/healthz", "/readyz", "/openapi.json", "/static")
"""Paths that need no key: the page, and what tells whether the server runs."""

_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_PRIVATE = (b"cache-control", b"no-store")
_CLOSE = (b"connection", b"close")

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_UNKNOWN = "(other)"


class RequestGate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, config: ServeConfig, telemetry: Telemetry) -> None:
        self._app, self._config, self._telemetry = app, config, telemetry
        self._keys = KeyCheck(config.api_keys)
        self._name, self._numbers = uuid.uuid4().hex[:8], itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        name = f"{self._name}-{next(self._numbers)}"
        status = 500
        begun = closes = False

        async def answer(message: Message) -> None:
            nonlocal status, begun, closes
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                headers = list(message.get("headers", ()))
                closes = _CLOSE in headers
                own = [(b"x-request-id", name.encode()), *_HEADERS]
                if _is_private(scope["path"]):
                    own.append(_PRIVATE)
                message = {**message, "headers": [*headers, *own]}
            elif closes and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await drain(receive)
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, receive, answer)
        except ApiError as error:
            await error.response()(scope, receive, answer)
        except Exception as error:
            told = failure_fields(error, texts=self._config.log_texts)
            _log.error("failure", extra={"fields": {"request": name, **told}})
            if not begun:
                failed = error_response(500, "internal_error", f"see the log, request {name}")
                await failed(scope, receive, answer)
        finally:
            self._report(scope, name, status, time.perf_counter() - started)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        check_host(headers.get("host", ""), self._config.hosts)
        check_origin(scope["method"], headers)
        if not is_open(scope["path"]) and not self._keys.allows(headers):
            raise ApiError(
                401,
                "unauthorized",
                "no valid API key; expected the header 'Authorization: Bearer KEY'",
                where="Authorization",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _report(self, scope: Scope, name: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else _UNKNOWN
        path = path_label(scope)
        self._telemetry.request(method, path, status, seconds)
        state = scope.get("state", {})
        _log.info(
            "request",
            extra={
                "fields": {
                    "request": name,
                    "method": method,
                    "path": path,
                    "status": status,
                    "seconds": round(seconds, 6),
                    **state.get("log", {}),
                }
            },
        )


def path_label(scope: Scope) -> str:
    """Return what figures and log call a path; there are few such names, whatever clients ask."""
    if scope["path"] in _OPEN:
        return str(scope["path"])
    if scope["path"].startswith("/static/"):
        return "/static"
    return getattr(scope.get("route"), "path", None) or _UNKNOWN


def is_open(path: str) -> bool:
    """Return whether a path needs no key."""
    return path in _OPEN or path.startswith("/static/")


def _is_private(path: str) -> bool:
    return path.startswith("/v1/") or path == "/sparql"
