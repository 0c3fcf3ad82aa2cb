import json
import os
import subprocess
import sys

import pytest

from jmere import __version__
from jmere.cli import COMMANDS, app, main

MNRE = (
    "{'token': ['Ann', 'in', 'Oslo'], 'h': {'pos': [0, 1]}, 't': {'pos': [2, 3]}, "
    "'img_id': 'a.jpg', 'relation': '/per/loc/place_of_birth'}\n"
)


@pytest.fixture
def run(capsys):
    """Runs a command line; the exit code, the output and the errors."""

    def command(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


def jmere(*arguments, **options):
    """Runs ``python -m jmere`` in a process of its own."""
    command = [sys.executable, "-m", "jmere", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_mnre_becomes_posts(run, file, tmp_path):
    target = tmp_path / "new" / "posts.jsonl"

    code, out, err = run("data", "convert", "mnre", file("m.txt", MNRE), target, "--merge", "v1")

    assert (code, out, err) == (0, "", f"{target}: 1 post\n")
    assert json.loads(target.read_text())["quintuples"][0]["tail"] == {
        "start": 7, "end": 11, "type": "loc",
    }  # fmt: skip


def test_the_release_and_mner_become_posts(run, file, tmp_path):
    release = file("r.json", json.dumps([{"token": ["a"], "img_id": "a.jpg", "label_list": []}]))
    conll = file("c.txt", "IMGID:1\nAnn\tI-PER\n")

    assert run("data", "convert", "jmere", release, tmp_path / "r.jsonl")[0] == 0
    assert run("data", "convert", "conll", conll, tmp_path / "c.jsonl", "--stray", "start")[0] == 0
    assert json.loads((tmp_path / "r.jsonl").read_text()) == {
        "id": "a", "tokens": ["a"], "image": "a.jpg",
    }  # fmt: skip
    assert json.loads((tmp_path / "c.jsonl").read_text())["entities"] == [
        {"start": 0, "end": 3, "type": "per"}
    ]


def test_a_bad_record_is_refused_and_nothing_written(run, file, tmp_path):
    source = file("m.txt", MNRE + "oops\n")

    code, out, err = run("data", "convert", "mnre", source, tmp_path / "p", "--merge", "v2")

    assert (code, out) == (2, "")
    assert err == f"jmere: {source}:2: neither JSON nor a Python literal: 'oops'\n"
    assert list(tmp_path.iterdir()) == [source]


def test_bad_records_may_be_left_out(run, file, tmp_path):
    source, target = file("m.txt", MNRE + "oops\n" + MNRE), tmp_path / "p"

    code, _, err = run("data", "convert", "mnre", source, target, "--merge", "v1", "--skip-bad")

    assert code == 0
    assert err.splitlines() == [
        f"jmere: {source}:2: neither JSON nor a Python literal: 'oops'",
        f"{target}: 1 post (bad records skipped, 1 problem)",
    ]


def test_stats_print_a_table_or_json(run, file):
    posts = file("p.jsonl", '{"id": "a", "tokens": ["Ann", "in", "Oslo"]}\n')

    assert "3.00 words" in run("data", "stats", posts)[1]
    assert json.loads(run("data", "stats", posts, "--json")[1])["samples"] == 1


def test_validate_lists_every_problem_and_their_number(run, file):
    posts = file("p.jsonl", '{"id": "a", "text": "b"}\n{"id": "a", "txt": "b"}\n')

    code, out, err = run("data", "validate", posts)

    assert (code, err) == (2, "")
    assert out.splitlines() == [
        f"{posts}:2: unknown key 'txt'; did you mean 'text'?",
        f"{posts}:2: missing 'text' or 'tokens'",
        f"{posts}:2: id 'a' is already on line 1",
        f"{posts}: 3 problems",
    ]
    code, out, _ = run("data", "validate", posts, "--json")
    assert (code, len(json.loads(out)["problems"])) == (2, 3)


def test_validate_takes_a_tag_set_of_ones_own(run, file):
    posts = file(
        "p.jsonl", '{"id": "a", "text": "b", "entities": [{"start": 0, "end": 1, "type": "gene"}]}'
    )
    tags = file("tags.json", '{"entity_types": ["gene"], "relations": []}')

    assert run("data", "validate", posts)[0] == 2
    code, out, _ = run("data", "validate", posts, "--tags", tags)
    assert (code, out) == (0, f"{posts}: 0 problems\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frob"], "unknown command 'frob'; known: bench, build, data, "),
        (["dta"], "unknown command 'dta'; did you mean 'data'? (see: jmere --help)"),
        (["data"], "Missing command. (see: jmere data --help)"),
        (["data", "stats"], "Missing argument 'FILE'. (see: jmere data stats --help)"),
        (["data", "stats", "f", "--jsn"], "No such option: --jsn"),
        (["data", "stats", "absent.jsonl"], "absent.jsonl: No such file or directory"),
        (["data", "convert", "mnre", "a", "b"], "Missing option '--merge'. Choose from: v1, v2"),
        (["data", "convert", "mnre", "a", "b", "--merge", "v3"], "Invalid value for '--merge': "),
    ],
)
def test_bad_input_ends_in_one_line_and_code_2(run, arguments, message):
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert err.startswith(f"jmere: {message}")
    assert err.count("\n") == 1


def test_a_traceback_is_there_for_who_asks(monkeypatch):
    monkeypatch.setenv("JMERE_DEBUG", "1")

    with pytest.raises(FileNotFoundError):
        main(["data", "stats", "absent.jsonl"])


def test_an_interrupt_ends_with_130(monkeypatch, run, file):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("jmere.cli.data.read_posts", interrupted)
    code, out, err = run("data", "stats", file("p.jsonl", ""))

    assert (code, out) == (130, "")
    assert "Traceback" not in err


def test_help_and_version_print_to_stdout(run):
    assert run("--version") == (0, f"jmere {__version__}\n", "")
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert all(f"  {name} " in out and line in out for name, (_, line) in COMMANDS.items())
    assert run() == (code, out, err)


def test_help_imports_no_command_and_nothing_heavy():
    program = (
        "import sys; from jmere.cli import main; main(['--help']);"
        "print(sorted({'torch', 'spacy', 'transformers', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_converting_needs_neither_torch_nor_spacy(file, tmp_path):
    program = (
        "import sys; from jmere.cli import main; "
        "code = main(['data', 'convert', 'mnre', sys.argv[1], sys.argv[2], '--merge', 'v1']);"
        "print(code, sorted({'torch', 'spacy'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, str(file("m.txt", MNRE)), str(tmp_path / "p.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == "0 []\n"


def test_the_program_ends_with_the_code_and_no_traceback():
    done = jmere("data", "convert", "jmere", "absent.json", "posts.jsonl")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "jmere: absent.json: No such file or directory\n"


def test_a_reader_that_leaves_early_is_no_error():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "jmere", "--help"],
        stdout=write, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(write)

    assert (done.returncode, done.stderr) == (1, "")


def test_the_command_line_is_a_group_of_the_table():
    assert app.info.cls.table is COMMANDS


def test_posts_of_one_text_are_listed(run, file):
    one = file("a.jsonl", '{"id": "a", "text": "Ann in #Oslo!"}\n{"id": "b", "text": "No"}\n')
    other = file("b.jsonl", '{"id": "x", "text": "ann in oslo"}\n')
    code, out, error = run("data", "overlap", one, other)
    assert (code, out) == (0, "a\tx\tAnn in #Oslo!\n")
    assert "1 post also in" in error
    _, out, _ = run("data", "overlap", one, other, "--json")
    assert json.loads(out) == {"overlap": [{"id": "a", "other": "x", "text": "Ann in #Oslo!"}]}


def test_a_relation_takes_another_sets_name(run, file, tmp_path):
    source = file("mnre.txt", MNRE + MNRE.replace("place_of_birth", "place_of_death"))
    names = file("names.yaml", "place_of_death: place_of_birth\n")
    done = tmp_path / "posts.jsonl"
    assert run("data", "convert", "mnre", source, done, "--merge", "v2", "--names", names)[0] == 0
    post = json.loads(done.read_text(encoding="utf-8"))
    assert [each["relation"] for each in post["quintuples"]] == ["place_of_birth"]
    file("names.yaml", "place_of_death: 3\n")
    code, _, error = run("data", "convert", "mnre", source, done, "--merge", "v2", "--names", names)
    assert code == 2
    assert "expected names of relations, got 'place_of_death': 3" in error


def test_what_a_conversion_drops_is_printed(run, file, tmp_path):
    conll = file("c.txt", "IMGID:1\nAnn\tI-PER\n\nIMGID:2\nBob\tB-PER\n")
    mnre = file("m.txt", MNRE + MNRE.replace("/per/loc/place_of_birth", "None"))
    captions = file("captions.txt", "b.jpg :a dog\n")

    _, _, conll_err = run("data", "convert", "conll", conll, tmp_path / "c.jsonl")
    _, _, mnre_err = run(
        "data", "convert", "mnre", mnre, tmp_path / "m.jsonl", "--merge", "v2",
        "--captions", captions,
    )  # fmt: skip

    assert conll_err.splitlines()[0] == (
        f"{conll}: 1 labels I- that continue nothing were dropped; --stray start keeps them"
    )
    assert mnre_err.splitlines() == [
        f"{mnre}: 1 pairs without a relation were dropped",
        f"{mnre}: 1 posts with an image have no caption",
        f"{tmp_path / 'm.jsonl'}: 1 post",
    ]


@pytest.mark.parametrize("form", ["person=per,place=loc", "types.yaml"])
def test_types_may_be_named_on_the_command_line(run, file, tmp_path, form):
    conll = file("c.txt", "Ann B-person\nOslo B-place\nNBA B-ORG\n")
    file("types.yaml", "person: per\nplace: loc\n")
    types = tmp_path / form if form.endswith("yaml") else form

    assert run("data", "convert", "conll", conll, tmp_path / "c.jsonl")[0] == 2
    code, _, _ = run("data", "convert", "conll", conll, tmp_path / "c.jsonl", "--types", types)

    assert code == 0
    post = json.loads((tmp_path / "c.jsonl").read_text())
    assert [each["type"] for each in post["entities"]] == ["per", "loc", "org"]


def test_a_conversion_without_a_post_fails_and_writes_nothing(run, file, tmp_path):
    target = file("old.jsonl", "kept")

    code, out, err = run("data", "convert", "mnre", file("m.txt", ""), target, "--merge", "v1")

    assert (code, out) == (1, "")
    assert "no posts to convert" in err
    assert target.read_text() == "kept"


def test_validate_looks_at_pictures_and_at_a_models_length(run, file, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    posts = file("p.jsonl", json.dumps({"id": "a", "text": "word " * 600, "image": "a.jpg"}))

    code, out, _ = run("data", "validate", posts, "--images", tmp_path, "-m", "default")

    assert code == 2
    first, second, _ = out.splitlines()
    assert first.startswith(f"{posts}:1: image a.jpg: ")
    assert "word pieces, but the model takes" in second
    code, _, err = run("data", "validate", posts, "--images", tmp_path / "absent")
    assert (code, err) == (2, f"jmere: {tmp_path / 'absent'}: no such image folder\n")
