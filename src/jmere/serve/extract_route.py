"""``POST /v1/extract``."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import Headers

from jmere.records import Post
from jmere.serve.api_errors import invalid
from jmere.serve.bodies import checked_type, off_loop
from jmere.serve.json_bodies import parse_body
from jmere.serve.multipart import read_form
from jmere.serve.openapi import EXTRACT
from jmere.serve.posts_in import post_of, posts_of
from jmere.serve.request_models import ExtractRequest, PostIn
from jmere.serve.serve_config import ServeConfig
from jmere.serve.service import Service, json_response, note

_FIELDS = ("post", "id", "text", "alt_text", "time", "author", "url", "language")
_JSON, _FORM = "application/json", "multipart/form-data"


def extract_routes(service: Service) -> APIRouter:
    """Make the route that extracts from posts."""
    routes = APIRouter()

    @routes.post("/v1/extract", name="extract", **EXTRACT)
    async def extract(request: Request) -> Response:
        """Extract quintuples from posts; results are in the order of the posts."""
        started = time.perf_counter()
        kind = checked_type(request, (_JSON, _FORM))
        async with service.bodies.body(request) as body:
            if kind == _JSON:
                posts = await off_loop(_posts_of_json, body, service.config)
            else:
                posts = [await _post_of_form(request.headers, body, service.config)]
            service.telemetry.stage("read", time.perf_counter() - started)
            note(request, **_facts(posts, texts=service.config.log_texts))
            found = await service.extract(posts, request)
            started = time.perf_counter()
            response = json_response({"results": [each.to_dict() for each in found]})
            service.telemetry.stage("write", time.perf_counter() - started)
            return response

    return routes


def _posts_of_json(body: bytes, config: ServeConfig) -> list[Post]:
    given = parse_body(ExtractRequest, body, max_values=config.max_values)
    return posts_of(given.posts, config)


async def _post_of_form(headers: Headers, body: bytes, config: ServeConfig) -> Post:
    """The post of a form: its fields one by one, or as JSON in the field ``post``."""
    form = await read_form(headers, body, texts=_FIELDS, files=("image",))
    texts = dict(form.texts)
    whole = texts.pop("post", None)
    if whole is None:
        try:
            given = PostIn.model_validate(texts)
        except ValidationError as error:
            raise invalid(error) from None
    else:
        given = parse_body(PostIn, whole.encode(), max_values=config.max_values)
    return post_of(given, config, where="post", picture=form.files.get("image"))


def _facts(posts: list[Post], *, texts: bool) -> dict[str, Any]:
    """What the log says of a request's posts."""
    facts: dict[str, Any] = {
        "posts": len(posts),
        "pictures": sum(post.image is not None for post in posts),
    }
    return {**facts, "texts": [post.text for post in posts]} if texts else facts
