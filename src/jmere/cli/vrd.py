"""``jmere bench vrd``: predicate detection against annotated pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from jmere.terminal import echo


def vrd(
    file: Annotated[Path, typer.Argument(help="Annotated relations, in the form of VRD.")],
    weights: Annotated[
        Path | None, typer.Option(help="A classifier's folder in place of the bundled one.")
    ] = None,
    unbiased: Annotated[
        bool, typer.Option(help="Judge by the pair's own evidence, not by what is common.")
    ] = False,
    prior: Annotated[bool, typer.Option(help="Whether the frequency prior takes part.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Predicate detection: the share of annotated relations among a picture's likeliest.

    Boxes and labels are given. All ordered pairs of a picture's boxes are candidates, with one
    predicate each. Zero-shot are relations whose names were not together in training.
    """
    from jmere.evaluation.tables import aligned
    from jmere.progress import progress
    from jmere.vision.relate.classifier import Classifier
    from jmere.vision.relate.ranking import Ranker, Way, seen_triples
    from jmere.vision.relate.recall import DEPTHS, measure
    from jmere.vision.relate.vrd import read_vrd

    annotations = read_vrd(file)
    classifier = Classifier.load(weights)
    way: Way = "unbiased" if unbiased else "full" if prior else "no-prior"
    found = measure(
        annotations,
        Ranker(classifier, annotations, way=way),
        seen=seen_triples(classifier),
        pictures=progress(annotations.pictures, "pictures"),
    )
    if as_json:
        echo(json.dumps(found.to_json()))
        return
    parts = {"all": found.all, "zero-shot": found.zero_shot}
    rows = [
        (name, *(f"{100 * part.at[depth]:.2f}" for depth in DEPTHS), str(part.count))
        for name, part in parts.items()
    ]
    rows.append(("mean of predicates", *(f"{100 * found.mean[depth]:.2f}" for depth in DEPTHS), ""))
    echo(aligned(("", *(f"recall@{depth}" for depth in DEPTHS), "relations"), rows))
