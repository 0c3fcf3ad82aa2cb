"""``jmere bench visible``: which named entities can be seen in the picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from jmere.terminal import echo


def visible(
    file: Annotated[Path, typer.Argument(help="Posts in GMNER's form, as JSON Lines.")],
    captions: Annotated[
        list[Path], typer.Option(help="File of lines 'IMAGE :CAPTION' that describe the pictures.")
    ],
    model: Annotated[str, typer.Option(help="Model folder, hub id or 'default'.")] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure which gold entities of posts are found to be visible in the picture.

    The threshold is the model's own, fixed when its head was trained. A post whose picture has no
    caption is judged by its text.
    """
    from jmere.bench.visible_bench import judge_visible, load_visibility
    from jmere.data.readers.gmner import read_gmner
    from jmere.data.transforms import read_captions, with_captions
    from jmere.files.inputs import check_inputs
    from jmere.terminal import progress

    check_inputs(file, *captions)
    visibility, tokenizer = load_visibility(model)
    known: dict[str, str] = {}
    for path in captions:
        known.update(read_captions(path))
    posts = with_captions(read_gmner(file), known)
    found = judge_visible(progress(posts, "posts"), visibility, tokenizer)
    if as_json:
        echo(json.dumps(found.to_json()))
        return
    echo(
        f"{found.entities} entities of {found.posts} posts: accuracy {100 * found.accuracy:.2f}, "
        f"precision {100 * found.precision:.2f}, recall {100 * found.recall:.2f}, "
        f"F1 {100 * found.f1:.2f}"
    )
