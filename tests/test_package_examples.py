"""The examples in the docstrings of the parts of a model and of its training."""

import doctest
import importlib
from pathlib import Path

import pytest

import jmere

PACKAGES = ("grid", "align", "layers", "models", "training", "bench", "evaluation")
SOURCE = Path(jmere.__file__).parent
MODULES = [
    ".".join(("jmere", *path.relative_to(SOURCE).with_suffix("").parts))
    for package in PACKAGES
    for path in sorted((SOURCE / package).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name):
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0
