"""Commands of ``jmere graph`` that read or change a store: query, stats, review, forget."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from jmere.cli import option_checks as checks
from jmere.cli.bad_lines import BadLines
from jmere.data.predictions import read_predictions
from jmere.errors import nearest
from jmere.files.outputs import keep_apart
from jmere.files.whole import written_whole
from jmere.knowledge.graph import KnowledgeGraph
from jmere.knowledge.merge import merge
from jmere.knowledge.rdf import BASE, RdfNames
from jmere.knowledge.read_rdf import RDF_SUFFIXES, read_rdf
from jmere.knowledge.review import MergeCandidate, merge_candidates, write_candidates
from jmere.knowledge.store.answer import answer_query
from jmere.knowledge.store.answer_table import answer_table
from jmere.knowledge.store.graph_store import GraphStore, is_store
from jmere.terminal import aligned, echo, json_line, plain, progress

StorePath = Annotated[Path, typer.Argument(help="Folder of a graph store.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

_ACCEPT = {
    "table": "application/sparql-results+json, application/n-triples",
    "json": "application/sparql-results+json, application/ld+json",
    "csv": "text/csv, application/n-triples",
}


def query(
    store: StorePath,
    sparql: Annotated[str, typer.Argument(help="SPARQL query; '-' reads it from stdin.")],
    form: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
    seconds: Annotated[float, typer.Option(min=0.1, help="Time limit of the query.")] = 30.0,
) -> None:
    """Query a store with SPARQL: SELECT, ASK, CONSTRUCT or DESCRIBE.

    The prefixes entity, relation, type, post, statement, edge, name, term, rdf, rdfs, skos, skosxl,
    prov, dc, dcterms, owl and xsd are known. A graph is printed as N-Triples (table), JSON-LD
    (json), or rows of subject, predicate and object (csv). A query that runs into its time limit
    is stopped.
    """
    if form not in _ACCEPT:
        raise ValueError(f"unknown format {form!r}; {nearest(form, _ACCEPT)}")
    text = sys.stdin.read() if sparql == "-" else sparql
    opened = GraphStore(store)
    answer = answer_query(opened, text, accept=_ACCEPT[form], seconds=seconds)
    if answer.media_type == "application/n-triples" and form == "csv":
        echo(_triple_rows(answer.body).rstrip("\n"))
    elif form == "table" and answer.media_type != "application/n-triples":
        prefixes = RdfNames(opened.settings().base).prefixes
        echo(answer_table(answer.body, prefixes))
    else:
        body = answer.body.decode().replace("\r\n", "\n")
        if body.strip():
            echo(plain(body).rstrip("\n"))


def stats(store: StorePath, as_json: AsJson = False) -> None:
    """Count the posts, texts, authors, nodes, edges and evidence of a store."""
    counts = GraphStore(store).stats()
    if as_json:
        echo(json_line({"store": str(store), **counts}))
        return
    single = {name: it for name, it in counts.items() if not isinstance(it, dict | list)}
    echo(aligned(("", "count"), [(name, str(it)) for name, it in single.items() if it is not None]))
    for title in ("types", "relations"):
        table = counts[title]
        if isinstance(table, dict) and table:
            echo()
            echo(aligned((title, "count"), [(name, str(it)) for name, it in table.items()]))


def forget(
    store: StorePath,
    posts: Annotated[
        list[str] | None, typer.Option("--post", help="Id of a post; may be given repeatedly.")
    ] = None,
    authors: Annotated[
        list[str] | None,
        typer.Option("--author", help="Author of posts; may be given repeatedly."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Remove posts from a store, and every node, edge and name that rests on them alone."""
    if not posts and not authors:
        raise typer.BadParameter("give --post or --author")
    opened = GraphStore(store)
    change = opened.forget(posts=posts or (), authors=authors or ())
    counts = opened.stats()
    figures = {"removed": change.removed} | {
        name: counts[name] for name in ("posts", "nodes", "edges", "evidence")
    }
    if as_json:
        echo(json_line({"store": str(store), **figures}))
        return
    echo(f"{store}: " + ", ".join(f"{name} {count}" for name, count in figures.items()))


def review(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="STORE_OR_FILE",
            help="A store, predictions (JSON Lines), or a graph (.ttl, .nt, .jsonld).",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a CSV file to edit and pass to --aliases."),
    ] = None,
    min_score: Annotated[
        float, typer.Option(help="Least score of a merge that is listed.", callback=checks.share)
    ] = 0.4,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of merges listed.")] = 200,
    base: Annotated[str, typer.Option(help="Base IRI of a graph file.")] = BASE,
    as_json: AsJson = False,
) -> None:
    """List names that may be one thing, with a score and the reason, for a person to decide.

    Delete the rows that are wrong from the CSV file, then 'jmere graph build --aliases FILE.csv'
    merges the rest. A merge ends when its row is removed and the graph is built again.
    """
    keep_apart({"--output": output}, [source])
    graph = _graph_of(source, base)
    found = merge_candidates(graph, min_score=min_score)[:limit]
    if output is not None:
        with written_whole(output) as stream:
            write_candidates(found, stream)
    if as_json:
        echo(json_line({"candidates": [_record(each) for each in found]}))
    elif output is not None:
        echo(f"{output}: candidates {len(found)}")
    else:
        header = ("score", "type", "name", "canonical", "reason")
        rows = [(f"{it.score:.3f}", it.type, it.name, it.canonical, it.reason) for it in found]
        echo(aligned(header, rows, numeric=False))


def _graph_of(source: Path, base: str) -> KnowledgeGraph:
    if source.is_dir() or is_store(source):
        return GraphStore(source).graph()
    if source.suffix.lower() in RDF_SUFFIXES:
        return read_rdf(source, base=base)
    bad = BadLines(source)
    posts = bad.checked(read_predictions(source, on_problem=bad.tell))
    return merge(progress(posts, "posts"))


def _record(it: MergeCandidate) -> dict[str, object]:
    return {
        "name": it.name,
        "type": it.type,
        "canonical": it.canonical,
        "score": it.score,
        "reason": it.reason,
    }


def _triple_rows(body: bytes) -> str:
    """Convert N-Triples to CSV."""
    import pyoxigraph

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("subject", "predicate", "object"))
    for triple in pyoxigraph.parse(body, pyoxigraph.RdfFormat.N_TRIPLES):
        writer.writerow([getattr(term, "value", str(term)) for term in list(triple)[:3]])
    return out.getvalue()
