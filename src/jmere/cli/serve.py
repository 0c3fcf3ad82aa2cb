"""``jmere serve``: the HTTP API and the web page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmere.cli.options import DetectorOption, DeviceOption, NamesOption, WeightsOption
from jmere.errors import require
from jmere.terminal import echo

if TYPE_CHECKING:
    from jmere.extract import Extractor


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    model: Annotated[
        str, typer.Option("--model", "-m", help="Model folder, hub id or 'default'.")
    ] = "default",
    store: Annotated[
        Path | None, typer.Option(help="Graph store to query at /sparql (see: jmere graph build).")
    ] = None,
    api_key_file: Annotated[
        Path | None,
        typer.Option(help="Keys that give access, one per line; also $JMERE_API_KEYS."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Host name that requests may have, such as that of a proxy; repeatable."),
    ] = None,
    detector: DetectorOption = "auto",
    weights: WeightsOption = None,
    read_text: Annotated[
        bool, typer.Option("--read-text", help="Read quintuples in the pictures' words, too.")
    ] = False,
    names: NamesOption = None,
    device: DeviceOption = "cpu",
    log_texts: Annotated[bool, typer.Option(help="Write the texts of posts to the log.")] = False,
) -> None:
    """Serve extraction over HTTP, with a web page at /. Ctrl+C finishes what runs and stops."""
    for library in ("fastapi", "uvicorn", "prometheus_client", "python_multipart"):
        require(library, "serve", "the server")
    if read_text:
        require("rapidocr", "ocr", "--read-text")
    from jmere.serve.app import create_app
    from jmere.serve.security import hosts_of, is_loopback, read_keys
    from jmere.serve.serve_config import ServeConfig
    from jmere.serve.server import run_server
    from jmere.serve.server_pixels import ServerPixels
    from jmere.vision.pixels import PixelScenes, VisionConfig

    if store is not None:
        _check_store(store)
    config = ServeConfig(
        model=model if model == "default" else Path(model).name,
        api_keys=read_keys(api_key_file, os.environ),
        hosts=hosts_of(host, allow_host or ()),
        log_texts=log_texts,
    )

    if not (config.api_keys or is_loopback(host)):
        echo("jmere: without --api-key-file everyone who reaches this address has access", err=True)
    pixels = ServerPixels(PixelScenes(VisionConfig(detector=detector, weights=weights)))

    def load() -> Extractor:
        from jmere.extract import Extractor

        extractor = Extractor.from_pretrained(
            model, device=device, vision=pixels, read_text=read_text, names=names
        )
        extractor.extract("warm up")
        return extractor

    app = create_app(load, config, look=pixels.scene, store=store)
    run_server(app, host=host, port=port, config=config)


def _check_store(store: Path) -> None:
    require("pyoxigraph", "store", "--store")
    from jmere.knowledge.store import is_store

    if not is_store(store):
        raise ValueError(
            f"{store}: is no graph store; 'jmere graph build QUINTUPLES --store {store}' makes one"
        )
