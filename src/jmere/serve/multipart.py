"""Forms with one post or one picture (``multipart/form-data``)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from jmere.serve.api_errors import ApiError, listed

_MAX_FIELDS = 16


class Form(NamedTuple):
    """Texts and files of a form, by field."""

    texts: dict[str, str]
    files: dict[str, bytes]


async def read_form(
    headers: Headers, body: bytes, *, texts: tuple[str, ...], files: tuple[str, ...]
) -> Form:
    """Read a form whose fields are known.

    Args:
        headers: Headers of the request, which tell the boundary.
        body: Body of the request.
        texts: Names of fields that hold text.
        files: Names of fields that hold a file; its own name is not used.

    Raises:
        ApiError: 400 if the form is malformed, 422 if a field is unknown or of the wrong kind.
    """

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        headers,
        stream(),
        max_files=len(files),
        max_fields=_MAX_FIELDS,
        max_part_size=len(body),
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeError, LookupError) as error:
        message = getattr(error, "message", None) or "not a form that can be read"
        raise ApiError(400, "invalid_form", message, where="body") from None
    try:
        return await _sorted(form.multi_items(), texts, files)
    finally:
        await form.close()


async def _sorted(
    items: Sequence[tuple[str, UploadFile | str]], texts: tuple[str, ...], files: tuple[str, ...]
) -> Form:
    """Take the fields that are known, each once."""
    found = Form({}, {})
    for name, value in items:
        if name not in (*texts, *files):
            known = listed([*texts, *files])
            raise ApiError(422, "invalid", f"unknown field; expected {known}", where=name[:100])
        if name in found.texts or name in found.files:
            raise ApiError(422, "invalid", "the field occurs twice", where=name)
        content = await value.read() if isinstance(value, UploadFile) else value
        if name in texts:
            found.texts[name] = content if isinstance(content, str) else _text(content, name)
        elif isinstance(content, str):
            raise ApiError(422, "invalid", "expected a file, got text", where=name)
        else:
            found.files[name] = content
    return found


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ApiError(422, "invalid", "is not UTF-8", where=name) from None
