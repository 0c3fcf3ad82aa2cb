"""``jmere show``: figures of one post."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmere.cli import option_checks as checks
from jmere.cli.options import FeaturesOption, ScenesOption, inputs_of, visual_of
from jmere.data.jsonl import read_posts
from jmere.files.outputs import keep_apart
from jmere.records import Post
from jmere.terminal import echo

if TYPE_CHECKING:
    from jmere.show.page import View

app = typer.Typer(add_completion=False, no_args_is_help=True)

PostOption = Annotated[Path | None, typer.Option(help="Posts as JSON Lines.")]
IdOption = Annotated[str | None, typer.Option("--id", help="Id of the post; default: the first.")]
TextOption = Annotated[
    str | None,
    typer.Option(help="The text of one post, in place of a file.", callback=checks.text),
]
AltTextOption = Annotated[
    str | None, typer.Option(help="Alternative text of that post's image.", callback=checks.text)
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Output file (.png or .html); default: print text."),
]


@app.callback()
def _show() -> None:
    """Show one post: its grid, channels, alignment, or several models' predictions."""


@app.command()
def grid(
    post: PostOption = None,
    identity: IdOption = None,
    text: TextOption = None,
    alt_text: AltTextOption = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", "-m", help="Show this model's prediction; default: the annotation."
        ),
    ] = None,
    tags: Annotated[
        Path, typer.Option(help="Tag set of the annotation: a file or 'default'.")
    ] = Path("default"),
    symmetric: Annotated[
        bool,
        typer.Option(
            "--symmetric", help="Show relations on both sides of the diagonal, as in the paper."
        ),
    ] = False,
    scenes: ScenesOption = None,
    features: FeaturesOption = None,
    output: OutputOption = None,
) -> None:
    """Show the tag of each word pair (Figure 3)."""
    _check(output, [post, tags, features, *inputs_of(model, scenes)])
    chosen = _post(post, identity, text, alt_text)
    from jmere.show.grid import show_grid
    from jmere.tags import TagSet
    from jmere.text.words import post_words

    words = post_words(chosen)
    if model is None and text is None:
        view = show_grid(chosen, words, TagSet.load(tags), symmetric=symmetric)
    else:
        from jmere.extract import Extractor
        from jmere.show.models import short_name

        name = model or "default"
        extractor = Extractor.from_pretrained(name, visual=visual_of(scenes, features))
        view = show_grid(
            extractor.extract(chosen),
            words,
            extractor.tagger.tags,
            symmetric=symmetric,
            source=f"found by {short_name(name)}",
        )
    _tell(view, output)


@app.command()
def channels(
    post: PostOption = None,
    identity: IdOption = None,
    text: TextOption = None,
    model: Annotated[
        str,
        typer.Option(
            "--model", "-m", help="Model that provides the parser and the co-occurrence table."
        ),
    ] = "default",
    output: OutputOption = None,
) -> None:
    """Show part of speech, hops and co-occurrence of each word pair (Figure 5)."""
    _check(output, [post, *inputs_of(model, None)])
    chosen = _post(post, identity, text, None)
    from jmere.show.channel_maps import show_channels
    from jmere.tagger.tagger import Tagger
    from jmere.text.words import post_words

    tagger, words = Tagger.from_pretrained(model), post_words(chosen)
    (graph,) = tagger.prepare.parser.parse([words])
    table = tagger.batch.cooccurrence
    _tell(show_channels(words, graph, table, identity=chosen.id), output)


@app.command()
def alignment(
    post: PostOption = None,
    identity: IdOption = None,
    text: TextOption = None,
    alt_text: AltTextOption = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", help="Model; repeat to compare several.")
    ] = None,
    alpha: Annotated[
        list[float] | None,
        typer.Option(
            help="Alpha of the transport plan; repeat to compare several.", callback=checks.shares
        ),
    ] = None,
    scenes: ScenesOption = None,
    features: FeaturesOption = None,
    output: OutputOption = None,
) -> None:
    """Show transport plan and attention, words x objects (Figure 7)."""
    inputs = [each for name in model or ["default"] for each in inputs_of(name, scenes)]
    _check(output, [post, features, *inputs])
    chosen = _post(post, identity, text, alt_text)
    from jmere.show.alignment import show_alignment
    from jmere.show.models import aligned_at
    from jmere.text.words import post_words

    graphs = visual_of(scenes, features).graphs()
    alphas: list[float | None] = [*alpha] if alpha else [None]
    found = [
        aligned_at(name, chosen, value, scenes=graphs)
        for name in model or ["default"]
        for value in alphas
    ]
    _tell(show_alignment(found, post_words(chosen)), output)


@app.command()
def cases(
    models: Annotated[
        list[str],
        typer.Argument(help="Model folders, Hub ids, 'default', or prediction files."),
    ],
    post: Annotated[Path, typer.Option(help="Posts with their right answers (JSON Lines).")],
    identity: IdOption = None,
    reading: Annotated[
        str, typer.Option(help="What counts as equal: directed, undirected or surface.")
    ] = "directed",
    scenes: ScenesOption = None,
    features: FeaturesOption = None,
    output: OutputOption = None,
) -> None:
    """Compare the predictions of several models with the gold annotation (Figure 6)."""
    inputs = [each for name in models for each in (Path(name), *inputs_of(name, scenes))]
    _check(output, [post, features, *inputs])
    from jmere.evaluation.readings import as_reading

    kind = as_reading(reading)
    chosen = _post(post, identity, None, None)
    from jmere.show.cases import show_cases
    from jmere.show.models import answer_of, short_name

    graphs = visual_of(scenes, features).graphs()
    found = {name: answer_of(name, chosen, scenes=graphs) for name in models}
    shown = {short_name(name): answers for name, answers in found.items()}
    _tell(show_cases(chosen, shown if len(shown) == len(found) else found, reading=kind), output)


def _post(path: Path | None, identity: str | None, text: str | None, alt_text: str | None) -> Post:
    if (path is None) == (text is None):
        raise ValueError("pass either a file of posts (--post) or --text")
    if path is None:
        return Post(text=text or "", alt_text=alt_text)
    if alt_text is not None:
        raise ValueError("--alt-text requires --text; posts of a file have their own")
    for each in read_posts(path):
        if identity is None or each.id == identity:
            return each
    raise ValueError(f"{path}: no post {identity!r}" if identity else f"{path}: no post")


def _check(output: Path | None, inputs: list[Path | None]) -> None:
    keep_apart({"--output": output}, inputs)
    if output is not None:
        from jmere.show.page import check_page_target

        check_page_target(output)


def _tell(view: View, output: Path | None) -> None:
    if output is None:
        echo(view.text())
        return
    from jmere.show.page import save

    save(view, output)
    echo(f"{output}: {view.title}", err=True)
