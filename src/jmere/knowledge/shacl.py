"""SHACL shapes of the RDF vocabulary."""

from __future__ import annotations

from importlib.resources import files

from jmere.knowledge.rdf import BASE


def shacl_shapes(base: str = BASE) -> str:
    """Return the shapes as Turtle, for graphs written with a base IRI.

    Example:
        >>> "sh:NodeShape" in shacl_shapes()
        True
    """
    text = files("jmere.knowledge").joinpath("shapes.ttl").read_text(encoding="utf-8")
    return text.replace(f"<{BASE}", f"<{base}")
