"""``jmere graph``: build, query and review a knowledge graph from the quintuples of many posts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated

import typer

from jmere.cli import option_checks as checks
from jmere.cli.bad_lines import BadLines
from jmere.cli.stored_graph import forget, query, review, stats
from jmere.data.predictions import read_for_graph
from jmere.files.outputs import is_stream, keep_apart
from jmere.knowledge.aliases import Aliases, read_aliases
from jmere.knowledge.disk.disk_blocks import Block, read_blocks
from jmere.knowledge.disk.disk_graph import merged_on_disk, write_disk_graph
from jmere.knowledge.disk.disk_tables import DEFAULT_MEMORY, is_installed, memory_size
from jmere.knowledge.drawing.draw import check_picture, draw
from jmere.knowledge.graph import KnowledgeGraph
from jmere.knowledge.merge import (
    ALTERNATE_NAMES,
    MERGE_POSTS,
    MERGE_SCORE,
    Merger,
    collector_paused,
)
from jmere.knowledge.rdf import BASE
from jmere.knowledge.reading import PostReader, PredictedPost
from jmere.knowledge.store.graph_store import GraphStore
from jmere.knowledge.store.store_settings import StoreSettings
from jmere.knowledge.write import Format, check_target, write_graph
from jmere.terminal import echo, json_line, progress
from jmere.vision.read_ahead import processors

_LARGE = 1 << 24
"""Bytes of a file that a database merges without the option, if there is one."""

_VERY_LARGE = 1 << 26
"""Bytes of a file that several processes read, of which each takes half a second to begin."""

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _graph() -> None:
    """Build, query and review knowledge graphs."""


@app.command()
def build(
    quintuples: Annotated[
        Path | None,
        typer.Argument(
            help="Predictions of 'jmere extract' (JSON Lines); may be absent with --store."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Output file, or folder for neo4j and parquet."),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a graph store: add the posts to it. --output then has the whole store."
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="ttl, nt, jsonld, graphml, neo4j or parquet; default: by OUTPUT's suffix.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            help="Also draw the graph (PNG or SVG); large graphs are cropped to the most "
            "connected nodes."
        ),
    ] = None,
    min_score: Annotated[
        float, typer.Option(help="Drop quintuples below this score.", callback=checks.share)
    ] = 0.0,
    same: Annotated[
        str | None,
        typer.Option(
            "--alternate-names",
            help="Merge nodes linked by this relation; '' disables merging.",
            show_default=ALTERNATE_NAMES,
        ),
    ] = None,
    merge_score: Annotated[
        float | None,
        typer.Option(
            help="Minimum score for one post to merge two nodes.",
            callback=checks.share,
            show_default=str(MERGE_SCORE),
        ),
    ] = None,
    merge_posts: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Number of posts with half that score that also merge two nodes.",
            show_default=str(MERGE_POSTS),
        ),
    ] = None,
    fold_accents: Annotated[
        bool | None,
        typer.Option(
            "--fold-accents/--keep-accents",
            help="Whether to merge names that differ only in accents: Beyoncé, Beyonce.",
            show_default="fold-accents",
        ),
    ] = None,
    aliases: Annotated[
        Path | None,
        typer.Option(help="CSV file of names of one thing: name,type,canonical,same_as."),
    ] = None,
    exclude: Annotated[
        str | None, typer.Option("--exclude-relations", help="Relations to leave out: R,...")
    ] = None,
    alone: Annotated[
        bool,
        typer.Option(
            "--lone-entities/--no-lone-entities",
            help="Whether entities outside quintuples are nodes.",
        ),
    ] = True,
    keep_text: Annotated[
        bool, typer.Option(help="Keep the texts of the posts in the evidence.")
    ] = False,
    memory: Annotated[
        str | None,
        typer.Option(
            help="Merge on disk, with a database that holds at most this in memory: 512MB, "
            "the default for files of 16 MB and more. The output is the same."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option(help="Stop at the first bad line.")] = False,
    base: Annotated[str | None, typer.Option(help="Base IRI for RDF.", show_default=BASE)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Merge mentions into nodes; every edge keeps its posts, images and scores.

    Names of one type are merged if they differ only in case, HTML entities, quotes, dashes,
    white space, a possessive 's or a leading The, or if the aliases file says so.

    A store keeps its options (--alternate-names, --merge-score, --merge-posts, --fold-accents,
    --aliases, --exclude-relations) until a build gives others. The same posts add nothing to it.

    Neo4j imports the folder with 'neo4j-admin database import full --array-delimiter=U+001F
    --nodes=nodes.csv --relationships=relationships.csv'.
    """
    _check_targets(quintuples, output, store)
    size = _memory_size(memory, quintuples, output, store, picture)
    inputs = [path for path in (quintuples, aliases) if path is not None]
    keep_apart({"--output": output, "--picture": picture, "--store": store}, inputs)
    chosen = None if output is None else check_target(output, form, base=base or BASE)
    if picture is not None:
        check_picture(picture)
    settings = _given(
        alternate_names=None if same is None else same or False,
        merge_score=merge_score,
        merge_posts=merge_posts,
        fold_accents=fold_accents,
        exclude_relations=None if exclude is None else _names(exclude),
        aliases=None if aliases is None else read_aliases(aliases).rows,
        base=base,
    )
    reader = PostReader(min_score=min_score, alone=alone, keep_text=keep_text)
    bad = BadLines(quintuples or Path("-"), strict=strict)
    rules = StoreSettings().changed(settings)
    if size is not None and output is not None and chosen is not None:
        figures = _merged_on_disk(quintuples, bad, reader, rules, output, chosen, size)
    elif store is None:
        graph, figures = _merged(_posts(quintuples, bad), reader, rules)
    else:
        wanted = output is not None or picture is not None
        graph, figures = _stored(
            GraphStore(store), _posts(quintuples, bad), reader, settings, read=wanted
        )
        base = GraphStore(store).settings().base
    if size is None and output is not None and chosen is not None:
        write_graph(graph, output, chosen, base=base or BASE)
    if picture is not None:
        draw(graph, picture)
    _report(output, chosen, store, figures, bad, reader, as_json=as_json)


def _check_targets(quintuples: Path | None, output: Path | None, store: Path | None) -> None:
    if output is None and store is None:
        raise typer.BadParameter("give --output, or --store, or both")
    if quintuples is None and store is None:
        raise typer.BadParameter("give a file of predictions, or --store")


def _memory_size(
    memory: str | None,
    quintuples: Path | None,
    output: Path | None,
    store: Path | None,
    picture: Path | None,
) -> int | None:
    """Return what a database may hold in memory; ``None`` merges without one."""
    only_output = output is not None and store is None and picture is None
    if memory is None:
        return (
            DEFAULT_MEMORY if only_output and is_installed() and _has(quintuples, _LARGE) else None
        )
    if not only_output:
        raise typer.BadParameter("--memory takes --output alone, without --store and --picture")
    try:
        return memory_size(memory)
    except ValueError as error:
        raise typer.BadParameter(f"--memory: {error}") from None


def _posts(quintuples: Path | None, bad: BadLines) -> Iterator[PredictedPost]:
    if quintuples is None:
        return
    posts: Iterable[PredictedPost] = read_for_graph(quintuples, on_problem=bad.tell)
    yield from progress(bad.checked(posts), "posts")


def _blocks(quintuples: Path, bad: BadLines, reader: PostReader) -> Iterator[Block]:
    blocks = read_blocks(quintuples, reader=reader, on_problem=bad.tell, processes=processors())
    yield from progress(bad.checked(blocks), "posts", size=lambda block: block.posts)


def _given(**settings: object) -> dict[str, object]:
    """Return the settings that were given; ``False`` as a name is none."""
    found = {name: value for name, value in settings.items() if value is not None}
    if found.get("alternate_names") is False:
        found["alternate_names"] = None
    return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _merged(
    posts: Iterable[PredictedPost], reader: PostReader, settings: StoreSettings
) -> tuple[KnowledgeGraph, dict[str, object]]:
    reader.exclude |= set(settings.exclude_relations)
    merger = Merger(
        alternate_names=settings.alternate_names,
        merge_score=settings.merge_score,
        merge_posts=settings.merge_posts,
        fold_accents=settings.fold_accents,
        aliases=Aliases(settings.aliases),
        reader=reader,
    )
    with collector_paused():
        for post in posts:
            merger.add(post)
        graph = merger.graph()
    return graph, _figures(merger.posts, graph)


def _merged_on_disk(
    quintuples: Path | None,
    bad: BadLines,
    reader: PostReader,
    settings: StoreSettings,
    output: Path,
    form: Format,
    memory: int,
) -> dict[str, object]:
    """Write the graph of posts, which need not fit into memory; return the figures."""
    reader.exclude |= set(settings.exclude_relations)
    posts: Iterable[PredictedPost | Block] = _posts(quintuples, bad)
    if quintuples is not None and processors() > 1 and _has(quintuples, _VERY_LARGE):
        posts = _blocks(quintuples, bad, reader)
    beside = Path(gettempdir()) if is_stream(output) else Path(os.path.realpath(output)).parent
    beside.mkdir(parents=True, exist_ok=True)
    with merged_on_disk(
        posts, rules=settings.rules(), reader=reader, beside=beside, memory=memory
    ) as graph:
        write_disk_graph(graph, output, form, base=settings.base)
        return {"posts": reader.posts, **graph.counts()}


def _has(quintuples: Path | None, size: int) -> bool:
    """Return whether there is a file of so many bytes."""
    return quintuples is not None and quintuples.is_file() and quintuples.stat().st_size >= size


def _stored(
    store: GraphStore,
    posts: Iterable[PredictedPost],
    reader: PostReader,
    settings: Mapping[str, object],
    *,
    read: bool,
) -> tuple[KnowledgeGraph, dict[str, object]]:
    """Add posts to a store; return its whole graph, if that is wanted, and the figures."""
    change = store.build(posts, reader=reader, settings=settings)
    counts = store.stats()
    figures: dict[str, object] = {"added": change.added, "repeated": change.repeated}
    figures |= {name: counts[name] for name in ("posts", "nodes", "edges", "evidence")}
    return store.graph() if read else KnowledgeGraph(), figures


def _figures(posts: int, graph: KnowledgeGraph) -> dict[str, object]:
    return {
        "posts": posts,
        "nodes": len(graph.nodes),
        "edges": len(graph.edges),
        "evidence": sum(edge.count for edge in graph.edges),
    }


def _report(
    output: Path | None,
    form: Format | None,
    store: Path | None,
    figures: dict[str, object],
    bad: BadLines,
    reader: PostReader,
    *,
    as_json: bool,
) -> None:
    target = store if output is None else output
    if as_json:
        value: dict[str, object] = {} if output is None else {"output": str(output), "format": form}
        if store is not None:
            value["store"] = str(store)
        left_out = {"bad_lines": bad.count, "nameless": reader.nameless}
        more = {"excluded": reader.excluded, "times_not_read": reader.timeless}
        echo(json_line(value | figures | left_out | {k: n for k, n in more.items() if n}))
        return
    echo(f"{target}: " + ", ".join(f"{name} {count}" for name, count in figures.items()))
    for count, what in (
        (bad.count, "bad lines skipped"),
        (reader.nameless, "quintuples skipped because an end has no visible character"),
        (reader.excluded, "quintuples skipped because of --exclude-relations"),
        (reader.timeless, "posts with a time that cannot be read"),
    ):
        if count:
            echo(f"{what}: {count}", err=True)


for _command in (query, stats, review, forget):
    app.command()(_command)
