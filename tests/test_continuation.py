import json

import pytest

from jmere.cli.found import as_line
from jmere.continuation import identity_of, remaining
from jmere.data.jsonl import read_posts
from jmere.extract import Extractor, chunk_size
from jmere.files.resumable import ResumableLines
from jmere.records import Post
from jmere.tagger.folder import find_folder

BATCH = 2


@pytest.fixture(scope="module")
def bundled():
    return Extractor.from_pretrained()


@pytest.fixture(scope="module")
def posts():
    """Forty posts of many lengths, made of the bundled samples."""
    samples = find_folder("default").parent / "samples" / "posts.jsonl"
    texts = [post.text for post in read_posts(samples)]
    return [
        Post(id=str(number), text=" ".join((texts * 2)[number % len(texts) :][: 1 + number % 3]))
        for number in range(40)
    ]


def run(extractor, posts, output, *, resume=False, stop=None):
    identity = identity_of(extractor, "default", start=posts[:8], options={"batch_size": BATCH})
    chunk = chunk_size(BATCH)
    with ResumableLines(output, identity, chunk=chunk, resume=resume) as lines:
        rest = remaining(posts, lines)
        for found in extractor.stream(rest, batch_size=BATCH, ramp_up=not lines.kept):
            if lines.count == stop:
                raise KeyboardInterrupt
            lines.write(as_line(found))
    return lines.kept


def test_the_bundled_model_continues_to_the_same_bytes(bundled, posts, tmp_path):
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    run(bundled, posts, whole)
    lines = whole.read_bytes().splitlines(keepends=True)
    part, state = out.with_name("out.jsonl.part"), out.with_name("out.jsonl.state.json")
    with pytest.raises(KeyboardInterrupt):
        run(bundled, posts, out, stop=1)
    known = state.read_bytes()
    for cut in (3, 15, 18, 33):  # in each chunk of 16; 15 and 18 are beside a border
        state.write_bytes(known)
        part.write_bytes(b"".join(lines[:cut]) + lines[cut][:9])
        assert run(bundled, posts, out, resume=True) == cut // 16 * 16
        assert out.read_bytes() == whole.read_bytes()


def test_what_a_run_depends_on_is_in_its_identity(bundled, posts, tmp_path):
    def of(posts, **options):
        return identity_of(bundled, "default", start=posts, options=options)

    known = of(posts, images=tmp_path)
    assert known == of(posts[:8], images=tmp_path / "x" / "..")
    assert known["input"] != of(posts[1:])["input"]
    assert known["options"] != of(posts)["options"]
    assert known["parser"].startswith("bundled (en_")
    assert {"jmere", "torch"} <= known["versions"].keys()
    assert json.loads(json.dumps(known)) == known
