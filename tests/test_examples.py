"""The examples of docstrings run and print what they say."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import jmere

SOURCE = Path(jmere.__file__).parent
EXACT = ("grid", "align", "layers", "models", "training", "bench", "evaluation")
"""Packages whose examples print exactly what they say."""

FLAGS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL | doctest.NORMALIZE_WHITESPACE


def modules():
    for path in sorted(SOURCE.rglob("*.py")):
        if ">>>" in path.read_text(encoding="utf-8"):
            parts = path.relative_to(SOURCE.parent).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("name", list(modules()))
def test_the_examples_of_a_module_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exact = name.removeprefix("jmere.").split(".")[0] in EXACT
    done = doctest.testmod(import_module(name), optionflags=0 if exact else FLAGS)
    assert done.attempted
    assert done.failed == 0


@pytest.mark.parametrize("name", jmere.__all__)
def test_what_users_import_has_an_example(name):
    public = getattr(jmere, name)
    texts = [public.__doc__ or ""]
    if isinstance(public, type):
        texts += [getattr(public, each).__doc__ or "" for each in vars(public) if each[0] != "_"]
    assert any(">>>" in text for text in texts), f"{name} has no example"
