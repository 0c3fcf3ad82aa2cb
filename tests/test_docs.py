"""The pages of the documentation: code runs, commands parse, links lead somewhere."""

import dataclasses
import importlib.util
import re

import pytest

from documents import DOCS, PAGES, ROOT, anchors, blocks, jmere_commands, links, name_of
from jmere.cli import COMMANDS

WITH_CODE = [page for page in PAGES if blocks(page, "python")]
CALLS = [(page, call) for page in PAGES for call in jmere_commands(page)]


def load_hooks():
    spec = importlib.util.spec_from_file_location("docs_hooks", DOCS / "hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hooks = load_hooks()


@pytest.fixture
def one_extractor(monkeypatch):
    """Load the bundled model once for all pages; its folder of pictures may differ."""
    from jmere import Extractor

    original, known = Extractor.from_pretrained.__func__, {}

    def cached(cls, name="default", **options):
        key = (str(name), repr(sorted(options.items())))
        if key not in known:
            known[key] = _SHARED.setdefault(key, original(cls, name, **options))
        return known[key]

    monkeypatch.setattr(Extractor, "from_pretrained", classmethod(cached))


_SHARED = {}


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_runs(page, one_extractor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "page"}
    for code in blocks(page, "python"):
        exec(compile(code, name_of(page), "exec"), names)


def parse(call):
    """Parse a command line without running it; return the command's path."""
    import typer

    from jmere.cli import app

    command = typer.main.get_command(app)
    arguments = list(call) or ["--help"]
    context = command.make_context("jmere", arguments, resilient_parsing=call in ([], ["--help"]))
    rest = [*context._protected_args, *context.args]
    while hasattr(command, "list_commands") and rest and "--help" not in rest:
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, list(rest), parent=context)
        rest = (
            [*context._protected_args, *context.args] if hasattr(command, "list_commands") else []
        )
    return context.command_path


@pytest.mark.parametrize(
    ("page", "call"), CALLS, ids=[f"{name_of(page)}: {' '.join(call)}"[:90] for page, call in CALLS]
)
def test_a_command_of_a_page_parses(page, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse(call).startswith(f"jmere {call[0]}")


def test_a_command_with_an_unknown_option_does_not_parse():
    with pytest.raises(Exception, match=r"(?i)no such option"):
        parse(["graph", "build", "found.jsonl", "-o", "graph.ttl", "--nowhere"])


def test_every_command_stands_in_the_pages():
    assert {call[0] for _, call in CALLS} >= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_an_anchor(page):
    wrong = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            wrong.append(target)
    assert wrong == []


def test_every_file_that_a_page_names_is_there():
    pattern = re.compile(r"`((?:src/jmere|configs|recipes|tests|benchmarks|docs)/[\w./-]+\w)`")
    named = {
        (name_of(page), path)
        for page in PAGES
        for path in pattern.findall(page.read_text(encoding="utf-8"))
        if "yours" not in path
    }
    assert named
    assert [each for each in sorted(named) if not (ROOT / each[1]).exists()] == []


def test_every_module_of_the_explanations_is_there():
    pattern = re.compile(r"`((?:[a-z_]+/)+[a-z_]+\.py)`")
    named = {
        path
        for page in (DOCS / "explanation").glob("*.md")
        for path in pattern.findall(page.read_text(encoding="utf-8"))
        if not path.startswith(("tests/", "benchmarks/"))
    }
    assert named
    assert [path for path in sorted(named) if not (ROOT / "src" / "jmere" / path).exists()] == []


def test_every_page_is_in_the_navigation():
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert listed == {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}


def test_every_field_of_a_run_file_has_a_sentence():
    silent = [
        f"{kind.__name__}.{field.name}"
        for kind in dict.fromkeys(hooks.config_classes().values())
        for field in dataclasses.fields(kind)
        if not hooks.field_sentences(kind).get(field.name)
    ]
    assert silent == []


def test_the_reference_has_every_command_and_every_option():
    text = hooks.on_page_markdown((DOCS / "reference" / "cli.md").read_text(encoding="utf-8"))
    for path, command, _ in hooks.commands():
        assert f"## `{path}`" in text
        options = [each for each in command.params if each.param_type_name == "option"]
        shown = [each for each in options if not getattr(each, "hidden", False)]
        assert all(name in text for option in shown for name in option.opts)
    assert {path.split()[1] for path, _, _ in hooks.commands()} == set(COMMANDS)


def test_the_reference_has_every_field_of_a_run_file():
    text = hooks.on_page_markdown((DOCS / "reference" / "run-file.md").read_text(encoding="utf-8"))
    for kind in hooks.config_classes().values():
        assert all(f"| `{field.name}` |" in text for field in dataclasses.fields(kind))


def test_the_reference_has_every_public_name():
    import jmere

    text = hooks.on_page_markdown((DOCS / "reference" / "python.md").read_text(encoding="utf-8"))
    lines = text.splitlines()
    assert all(any(line.endswith(f".{name}") for line in lines) for name in jmere.__all__)
