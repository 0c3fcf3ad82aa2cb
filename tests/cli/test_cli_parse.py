import json

from jmere.cli import main


def test_a_text_is_parsed(capsys):
    assert main(["parse", "She plays basketball", "--json"]) == 0
    words = json.loads(capsys.readouterr().out)
    assert [word["word"] for word in words] == ["She", "plays", "basketball"]
    assert words[1]["pos"] == "VERB"
    assert main(["parse", "She plays basketball"]) == 0
    assert "nsubj" in capsys.readouterr().out


def test_a_parser_that_is_not_there_is_one_line(capsys):
    assert main(["parse", "x", "--parser", "nowhere"]) == 2
    error = capsys.readouterr().err
    assert "neither an installed spaCy model nor a folder" in error
    assert error.count("\n") == 1
