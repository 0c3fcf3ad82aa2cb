"""``GET /``: the web page and its files."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

_FOLDER = Path(__file__).with_name("static")

_REVALIDATED = {"Cache-Control": "no-cache"}


class _Files(StaticFiles):
    """Files that browsers ask about again, so that page and server stay of one version."""

    def file_response(self, *args: object, **options: object) -> Response:
        """Answer with a file."""
        response = super().file_response(*args, **options)  # type: ignore[arg-type]
        response.headers.update(_REVALIDATED)
        return response


def add_page(app: FastAPI) -> None:
    """Serve the page at ``/`` and its files below ``/static``."""

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page(request: Request) -> Response:
        return FileResponse(_FOLDER / "index.html", headers=_REVALIDATED)

    app.mount("/static", _Files(directory=_FOLDER))
