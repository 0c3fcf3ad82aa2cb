"""The labelling configuration of Label Studio for typed spans and relations."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

TEXT, LABEL, IMAGE, ALT_TEXT = "text", "label", "image", "alt_text"
"""Names of the tags of the configuration, which results refer to."""

PICTURE = "picture"
"""Key of a task's data with the URL of its picture."""

_COLOURS = ("#ffa39e", "#91d5ff", "#b7eb8f", "#ffe58f", "#d3adf7", "#87e8de", "#ffbb96", "#adc6ff")

_STYLE = ".htx-text{white-space: pre-wrap;}"
"""Keeps white space as it is, so that offsets on the screen are those of the text."""


def label_config(
    types: Iterable[str],
    relations: Iterable[str],
    *,
    picture: bool = False,
    alt_text: bool = False,
) -> str:
    """Return the labelling configuration of a project, as XML.

    Args:
        types: Entity types.
        relations: Relations.
        picture: Whether tasks have a picture to show.
        alt_text: Whether tasks have a description of it to show.

    Example:
        >>> '<Label value="per"' in label_config(["per"], ["residence"])
        True
    """
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Style").text = _STYLE
    kinds = ElementTree.SubElement(view, "Labels", name=LABEL, toName=TEXT)
    for index, name in enumerate(dict.fromkeys(types)):
        colour = _COLOURS[index % len(_COLOURS)]
        ElementTree.SubElement(kinds, "Label", value=name, background=colour)
    names = ElementTree.SubElement(view, "Relations")
    for name in dict.fromkeys(relations):
        ElementTree.SubElement(names, "Relation", value=name)
    if picture:
        ElementTree.SubElement(view, "Image", name=IMAGE, value=f"${PICTURE}")
    # Not "word", which would widen what a person selects inside a hashtag.
    ElementTree.SubElement(view, "Text", name=TEXT, value=f"${TEXT}", granularity="symbol")
    if alt_text:
        ElementTree.SubElement(view, "Text", name=ALT_TEXT, value=f"${ALT_TEXT}")
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"
