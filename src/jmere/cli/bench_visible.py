"""``jmere bench visible``: which named entities can be seen in the picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from jmere.terminal import echo
from jmere.training.visible.visible_options import CaptionsOption


def visible(
    file: Annotated[Path, typer.Argument(help="Posts in GMNER's form, as JSON Lines.")],
    captions: CaptionsOption,
    model: Annotated[str, typer.Option(help="Model folder, hub id or 'default'.")] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure which gold entities of posts are found to be visible in the picture.

    The threshold is the model's own, fixed when its head was trained. A post whose picture has no
    caption is judged by its text.
    """
    from jmere.bench.visible_bench import judge_visible, load_visibility
    from jmere.data.descriptions import CaptionFile, read_descriptions
    from jmere.data.readers.gmner import read_gmner
    from jmere.data.transforms import with_captions
    from jmere.files.inputs import check_inputs
    from jmere.terminal import progress

    files = [CaptionFile.parse(each) for each in captions]
    check_inputs(file, *(each.path for each in files))
    visibility, tokenizer = load_visibility(model)
    posts = with_captions(read_gmner(file), read_descriptions(files))
    found = judge_visible(progress(posts, "posts"), visibility, tokenizer)
    if as_json:
        echo(json.dumps(found.to_json()))
        return
    echo(
        f"{found.entities} entities of {found.posts} posts: accuracy {100 * found.accuracy:.2f}, "
        f"precision {100 * found.precision:.2f}, recall {100 * found.recall:.2f}, "
        f"F1 {100 * found.f1:.2f}"
    )
