"""Object stores: S3, served by moto on this machine."""

import pytest
from cluster_posts import lines

from jmere.ray import extract_files


@pytest.fixture
def bucket(store, cluster):
    """An empty bucket."""
    if not store:
        pytest.skip("needs moto, flask, flask-cors and s3fs")
    import s3fs

    fs = s3fs.S3FileSystem()
    fs.mkdir("posts")
    return fs


def test_parts_in_s3_have_the_bytes_of_one_process(bucket, expected):
    bucket.pipe_file("posts/in/0.jsonl", "".join(lines(12)).encode())
    bucket.pipe_file("posts/in/1.jsonl", "".join(lines(12, 12)).encode())

    def interrupt(record):
        raise KeyboardInterrupt

    names, options = ("s3://posts/in/*.jsonl", "s3://posts/out"), {"workers": 1, "part_posts": 6}
    with pytest.raises(KeyboardInterrupt):
        extract_files(*names, on_part=interrupt, **options)
    with pytest.raises(ValueError, match="pass --resume"):
        extract_files(*names, **options)
    run = extract_files(*names, resume=True, **options)
    assert run.posts == 24
    assert 0 < run.kept < 24
    bucket.invalidate_cache()
    parts = sorted(bucket.glob("posts/out/part-*.jsonl"))
    assert "".join(bucket.cat_file(part).decode() for part in parts) == "".join(expected.values())
    assert bucket.exists("posts/out/manifest.json")
    assert not bucket.glob("posts/out/_state/*")
