"""Media types of answers, and the choice among them by what a client accepts."""

from __future__ import annotations

ROWS = {
    "application/sparql-results+json": "JSON",
    "application/json": "JSON",
    "application/sparql-results+xml": "XML",
    "application/xml": "XML",
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
}
"""Format of a table or a truth value, by media type; the first is the default."""

TRIPLES = {
    "text/turtle": "TURTLE",
    "application/n-triples": "N_TRIPLES",
    "text/plain": "N_TRIPLES",
    "application/ld+json": "JSON_LD",
    "application/json": "JSON_LD",
    "application/rdf+xml": "RDF_XML",
    "application/xml": "RDF_XML",
}
"""Format of a graph, by media type; the first is the default."""

_MAX_RANGES = 50


def accepted_types(accept: str | None) -> list[str]:
    """Return the media ranges of an ``Accept`` header, the most wanted first.

    Example:
        >>> accepted_types("text/csv;q=0.5, application/json")
        ['application/json', 'text/csv']
    """
    if accept is None or not accept.strip():
        return ["*/*"]
    wanted = []
    for number, part in enumerate(accept.split(",")[:_MAX_RANGES]):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        if name and quality > 0:
            # Of equal quality a range with a star is less specific, so it comes later.
            wanted.append((-quality, name.count("*"), number, name))
    return [name for *_, name in sorted(wanted)]


def choose_type(accepted: list[str], known: dict[str, str]) -> str | None:
    """Return the first known media type that is accepted, ``None`` if there is none."""
    for name in accepted:
        for media_type in known:
            start, _, end = name.partition("/")
            if name in (media_type, "*/*") or (end == "*" and media_type.startswith(f"{start}/")):
                return media_type
    return None
