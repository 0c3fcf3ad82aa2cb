"""``POST /v1/scene``."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from jmere.errors import MissingExtraError, one_line
from jmere.records import SceneGraph
from jmere.serve.api_errors import ApiError
from jmere.serve.bodies import checked_type, off_loop
from jmere.serve.json_bodies import parse_body
from jmere.serve.lane import Lane
from jmere.serve.multipart import read_form
from jmere.serve.openapi import SCENE
from jmere.serve.posts_in import picture_of
from jmere.serve.request_models import SceneRequest
from jmere.serve.serve_config import ServeConfig
from jmere.serve.server_pixels import UNAVAILABLE, PicturesUnavailableError
from jmere.serve.service import Service, json_response
from jmere.vision.images import ImageError

_JSON, _FORM = "application/json", "multipart/form-data"

LookAt = Callable[[bytes], SceneGraph]
"""Gives the scene graph of a picture's file."""


def scene_routes(service: Service, look: LookAt) -> APIRouter:
    """Make the route that detects objects and relations in a picture."""
    routes = APIRouter()
    lane = Lane(seconds=service.config.timeout)

    @routes.post("/v1/scene", name="scene", **SCENE)
    async def scene(request: Request) -> Response:
        """Detect objects and relations in a picture, sent as a form, in JSON or as it is."""
        kind = checked_type(request, (_JSON, _FORM, "image/*"))
        async with service.bodies.body(request) as body:
            if kind == _JSON:
                picture = await off_loop(_picture_of_json, body, service.config)
            elif kind == _FORM:
                form = await read_form(request.headers, body, texts=(), files=("image",))
                picture = form.files.get("image", b"")
            else:
                picture = body
            return json_response((await lane.run(_seen, look, picture)).to_dict())

    return routes


def _picture_of_json(body: bytes, config: ServeConfig) -> bytes:
    given = parse_body(SceneRequest, body, max_values=config.max_values)
    return picture_of(given.image, where="image")


def _seen(look: LookAt, picture: bytes) -> SceneGraph:
    if not picture:
        raise ApiError(422, "invalid", "missing or empty; expected a picture's file", where="image")
    try:
        return look(picture)
    except ImageError as error:
        raise ApiError(422, "invalid", one_line(error), where="image") from None
    except (OSError, MissingExtraError, PicturesUnavailableError):
        raise ApiError(503, "unavailable", UNAVAILABLE) from None
    except (ValueError, RuntimeError, MemoryError) as error:
        message = f"the picture cannot be analysed ({type(error).__name__})"
        raise ApiError(422, "invalid", message, where="image") from None
