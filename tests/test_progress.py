import jmere.terminal
from jmere.terminal import progress, progress_bytes


def test_things_pass_in_order_and_plain_lines_tell_of_them(monkeypatch, capsys):
    monkeypatch.setattr(jmere.terminal, "_EVERY", 0.0)
    assert list(progress("abc", "letters", name="reading")) == ["a", "b", "c"]
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"reading: {n} letters" for n in (1, 2, 3)]


def test_a_short_run_says_nothing(capsys):
    assert list(progress(iter([1, 2]), "posts")) == [1, 2]
    assert capsys.readouterr().err == ""


def test_bytes_are_told_at_the_start_and_now_and_then(monkeypatch, capsys):
    blocks = [b"a" * 1_000_000, b"b" * 500_000]
    assert list(progress_bytes(blocks, 1_500_000, name="fetching")) == blocks
    assert capsys.readouterr().err == "fetching: 0.0 of 1.5 MB\n"
    monkeypatch.setattr(jmere.terminal, "_EVERY", 0.0)
    assert list(progress_bytes(blocks, 1_500_000, name="fetching")) == blocks
    assert capsys.readouterr().err.splitlines()[-1] == "fetching: 1.0 of 1.5 MB"
