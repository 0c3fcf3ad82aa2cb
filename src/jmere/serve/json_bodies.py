"""JSON of requests: bounded, parsed and validated."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from jmere.files.json_values import parse_json
from jmere.serve.api_errors import ApiError, invalid

T = TypeVar("T", bound=BaseModel)

_BROKEN = "json_invalid"


def parse_body(model: type[T], body: bytes, *, max_values: int) -> T:
    """Parse and validate the JSON of a request.

    Raises:
        ApiError: 400 if it is not JSON, 413 if it has too many values, 422 if a field is wrong.
    """
    # Before it is parsed: a value takes about a hundred bytes, however short its text.
    values = body.count(b",") + body.count(b"[") + body.count(b"{")
    if values > max_values:
        raise ApiError(
            413, "too_large", f"the JSON has more than {max_values:,} values", where="body"
        )
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if error.errors(include_input=False)[0]["type"] != _BROKEN:
            raise invalid(error) from None
    try:  # what pydantic's parser refuses but Python's reads, such as half of a surrogate pair
        value = parse_json(body)
    except ValueError as error:
        raise ApiError(400, "invalid_json", str(error), where="body") from None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(error) from None
