"""``jmere graph``: build a knowledge graph from the quintuples of many posts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jmere.cli import option_checks as checks
from jmere.cli.bad_lines import BadLines
from jmere.data.predictions import read_predictions
from jmere.files.outputs import keep_apart
from jmere.knowledge.drawing.draw import check_picture, draw
from jmere.knowledge.merge import ALTERNATE_NAMES, MERGE_POSTS, MERGE_SCORE, Merger
from jmere.knowledge.rdf import BASE
from jmere.knowledge.write import check_target, write_graph
from jmere.terminal import echo, json_line, progress

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _graph() -> None:
    """Build knowledge graphs from quintuples."""


@app.command()
def build(
    quintuples: Annotated[
        Path, typer.Argument(help="Predictions of 'jmere extract' (JSON Lines).")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Output file, or folder for neo4j.")
    ],
    form: Annotated[
        str | None,
        typer.Option(
            "--format", help="ttl, nt, jsonld, graphml or neo4j; default: by OUTPUT's suffix."
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
        float, typer.Option(help="Leave out less sure quintuples.", callback=checks.share)
    ] = 0.0,
    same: Annotated[
        str,
        typer.Option(
            "--alternate-names", help="Merge nodes linked by this relation; '' disables merging."
        ),
    ] = ALTERNATE_NAMES,
    merge_score: Annotated[
        float,
        typer.Option(help="Minimum score for one post to merge two nodes.", callback=checks.share),
    ] = MERGE_SCORE,
    merge_posts: Annotated[
        int,
        typer.Option(min=1, help="Number of posts with half that score that also merge two nodes."),
    ] = MERGE_POSTS,
    fold_accents: Annotated[
        bool,
        typer.Option(
            "--fold-accents/--keep-accents",
            help="Whether to merge names that differ only in accents: Beyoncé, Beyonce.",
        ),
    ] = True,
    strict: Annotated[bool, typer.Option(help="Stop at the first bad line.")] = False,
    base: Annotated[str, typer.Option(help="Base IRI for RDF.")] = BASE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Merge mentions into nodes; every edge keeps its posts, images and scores.

    Names of one type are merged if they differ only in case, HTML entities, quotes, dashes,
    white space, a possessive 's or a leading The.

    Neo4j imports the folder with 'neo4j-admin database import full --array-delimiter=U+001F
    --nodes=nodes.csv --relationships=relationships.csv'.
    """
    keep_apart({"--output": output, "--picture": picture}, [quintuples])
    chosen = check_target(output, form, base=base)
    if picture is not None:
        check_picture(picture)
    merger = Merger(
        alternate_names=same or None,
        min_score=min_score,
        merge_score=merge_score,
        merge_posts=merge_posts,
        fold_accents=fold_accents,
    )
    bad = BadLines(quintuples, strict=strict)
    posts = bad.checked(read_predictions(quintuples, on_problem=bad.tell))
    for post in progress(posts, "posts"):
        merger.add(post)
    graph = merger.graph()
    write_graph(graph, output, chosen, base=base)
    if picture is not None:
        draw(graph, picture)

    figures = {
        "posts": merger.posts,
        "nodes": len(graph.nodes),
        "edges": len(graph.edges),
        "evidence": sum(edge.count for edge in graph.edges),
    }
    if as_json:
        left_out = {"bad_lines": bad.count, "nameless": merger.nameless}
        echo(json_line({"output": str(output), "format": chosen, **figures, **left_out}))
        return
    echo(f"{output}: " + ", ".join(f"{name} {count}" for name, count in figures.items()))
    if bad.count:
        echo(f"bad lines skipped: {bad.count}", err=True)
    if merger.nameless:
        reason = "an end has no visible character"
        echo(f"quintuples skipped because {reason}: {merger.nameless}", err=True)
