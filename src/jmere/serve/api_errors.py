"""Errors of the HTTP API, all in one JSON form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_MAX_MESSAGE = 500
"""Characters of a message that are sent."""

CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    500: "internal_error",
}
"""Code of an error that has no more specific one."""


class ApiError(Exception):
    """A request is refused: status, code, message, and which part of it is wrong."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        where: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.where = status, code, where
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return the error as a response."""
        return error_response(
            self.status, self.code, str(self), where=self.where, headers=self.headers
        )


def error_response(
    status: int,
    code: str,
    message: str,
    *,
    where: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Make the response of an error.

    Example:
        >>> error_response(404, "not_found", "no such path", where="/x").body
        b'{"error": {"code": "not_found", "message": "no such path", "where": "/x"}}'
    """
    error = {"code": code, "message": message[:_MAX_MESSAGE], "where": where}
    return Response(
        json.dumps({"error": error}), status, headers=headers, media_type="application/json"
    )


def invalid(error: ValidationError) -> ApiError:
    """Convert the first problem that pydantic found; ``where`` is the path of the field."""
    first, *others = error.errors(include_url=False, include_input=False)
    more = f" (and {len(others)} more)" if others else ""
    return ApiError(422, "invalid", f"{first['msg']}{more}", where=path_of(first["loc"]) or "body")


def path_of(parts: Iterable[int | str]) -> str:
    """Write the path of a field.

    >>> path_of(("posts", 0, "text"))
    'posts[0].text'
    """
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def handle_api_error(request: Request, error: Exception) -> Response:
    """Answer a request that is refused."""
    assert isinstance(error, ApiError)
    return error.response()


def handle_http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses, such as an unknown path or method."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    code = CODES.get(status, HTTPStatus(status).phrase.lower().replace(" ", "_"))
    message = {
        404: "no such path",
        405: f"{request.method} is not allowed here",
    }.get(status, error.detail)
    where = request.url.path[:200] if status in (404, 405) else None
    return error_response(status, code, message, where=where, headers=error.headers)


def listed(names: Sequence[str]) -> str:
    """Join names for a message: ``a, b or c``.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
