import json

import pytest

from jmere.cli import main

FILE = {
    "objects": ["person", "hat"],
    "predicates": ["wear", "swallow"],
    "images": [
        {
            "image": "a.jpg",
            "objects": [{"box": [0, 0, 40, 90], "label": 0}, {"box": [5, 0, 30, 15], "label": 1}],
            "relations": [
                {"subject": 0, "object": 1, "predicates": [0]},
                {"subject": 1, "object": 0, "predicates": [1]},
            ],
        }
    ],
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file.json"
    path.write_text(json.dumps(FILE), encoding="utf-8")
    return path


def test_recall_of_a_file_as_json(file, capsys):
    assert main(["bench", "vrd", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["recall@50"], found["recall@100"], found["count"]) == (0.5, 0.5, 2)
    assert found["zero_shot"] == {"recall@50": 0.0, "recall@100": 0.0, "count": 1}


@pytest.mark.parametrize("option", [[], ["--unbiased"], ["--no-prior"]])
def test_recall_of_a_file_as_a_table(file, option, capsys):
    assert main(["bench", "vrd", str(file), *option]) == 0
    out = capsys.readouterr().out
    assert "zero-shot" in out
    assert "recall@100" in out


def test_a_faulty_file_is_one_line_and_code_2(tmp_path, capsys):
    path = tmp_path / "file.json"
    path.write_text("{}", encoding="utf-8")
    assert main(["bench", "vrd", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["bench", "vrd", str(tmp_path / "none.json")]) == 2
