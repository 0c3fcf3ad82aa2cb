import errno
import logging
import os
import zlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from unittest.mock import patch

import numpy as np
import pytest

import jmere.vision.cache
from jmere.records import SceneGraph, SceneObject, SceneRelation
from jmere.vision.cache import SceneCache

SETTINGS = {"detector": "yolox-nano", "threshold": 0.3, "sizes": [416, 416]}
BARE = SceneGraph((SceneObject("dog"), SceneObject("ball", (0.1, 0.2, 3.5, 4.0), 1 / 3)))
EMPTY = SceneGraph(size=(640, 480))


def full(seed=0, columns=8):
    appearance = np.random.default_rng(seed).standard_normal((2, columns), dtype=np.float32)
    relations = (SceneRelation(0, "chasing", 1, 0.7), SceneRelation(1, "near", 0))
    return SceneGraph(BARE.objects, relations, (640, 480), appearance)


@pytest.fixture
def cache(tmp_path):
    return SceneCache(SETTINGS, folder=tmp_path / "scenes")


def files(tmp_path):
    return sorted(path for path in (tmp_path / "scenes").rglob("*") if path.is_file())


def assert_same(found, scene):
    assert found == scene
    if scene.appearance is None:
        assert found.appearance is None
    else:
        assert found.appearance.dtype == np.float32
        assert found.appearance.flags.writeable
        np.testing.assert_array_equal(found.appearance, scene.appearance)


@pytest.mark.parametrize(
    "scene",
    [
        *(SceneGraph(), EMPTY, BARE, full(), full(columns=0), full(columns=2048)),
        SceneGraph(appearance=np.zeros((0, 8), np.float32)),
        SceneGraph((SceneObject("Straße\n\N{DOG FACE}"),)),
    ],
)
def test_a_graph_comes_back_as_it_was(cache, scene):
    assert cache.get("a") is None
    cache.put("a", scene)
    assert_same(cache.get("a"), scene)
    assert cache.get("b") is None


def test_each_settings_have_graphs_of_their_own(cache, tmp_path):
    cache.put("a", BARE)
    changed = SceneCache({**SETTINGS, "threshold": 0.4}, folder=tmp_path / "scenes")
    same = SceneCache(dict(reversed(SETTINGS.items())), folder=tmp_path / "scenes")
    assert changed.get("a") is None
    assert same.get("a") == BARE


def test_a_later_graph_takes_the_place_of_an_earlier(cache, tmp_path):
    cache.put("a", BARE)
    cache.put("a", EMPTY)
    assert cache.get("a") == EMPTY
    assert len(files(tmp_path)) == 1


def test_the_default_folder_is_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("JMERE_CACHE", str(tmp_path))
    SceneCache(SETTINGS).put("a", BARE)
    assert len(files(tmp_path)) == 1


def test_a_digest_cannot_lead_out_of_the_folder(cache, tmp_path):
    cache.put("../../outside", BARE)
    assert [path.name for path in tmp_path.iterdir()] == ["scenes"]
    assert cache.get("../../outside") == BARE


@pytest.mark.parametrize("where", [0, 40, 66, 75, 120, 300, -1])
@pytest.mark.parametrize("how", ["cut", "flipped", "longer"])
def test_a_damaged_file_counts_as_absent_and_is_replaced(cache, tmp_path, where, how):
    cache.put("a", full())
    (path,) = files(tmp_path)
    content = bytearray(path.read_bytes())
    if how == "flipped":
        content[where] ^= 1
    else:
        content[where:] = b"" if how == "cut" else bytes(content[where:]) + b"!"
    path.write_bytes(content)
    assert cache.get("a") is None

    cache.put("a", full())
    assert_same(cache.get("a"), full())


def test_the_file_of_another_picture_is_not_taken(cache, tmp_path):
    cache.put("a", BARE)
    (first,) = files(tmp_path)
    cache.put("b", EMPTY)
    (second,) = set(files(tmp_path)) - {first}
    first.write_bytes(second.read_bytes())
    assert cache.get("a") is None


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n", b"null\n", b"7\n", b"[]\n", b"[null,null]\n", b"{}\n", b"\xff\n"),
        *(b"[" * 100_000 + b"\n", b"9" * 10_000 + b"\n", b'[{"objects":[{}]},null]\n'),
        b'[{"objects":[]},null]\nspare',
        b'[{"objects":[]},[0,%d]]\n' % 10**30,
        b'[{"objects":[]},[0,-5]]\n',
        b'[{"objects":[]},[1,1]]\n\0\0\0\0',
        b'[{"objects":[{"label":"a"}]},[1,1]]\n\0\0',
        b'[{"objects":[{"label":"a"}]},[1,1]]\n' + np.float32(np.nan).tobytes(),
        b'[{"objects":[{"label":"a"}]},[1,"1"]]\n\0\0\0\0',
        b'[{"objects":[{"label":"a"}]},[[1],1]]\n\0\0\0\0',
        b'[{"objects":[{"label":"a"}]},[4]]\n\0\0\0\0',
        b'[{"objects":[{"label":"a","box":[3,0,1,NaN]}]},null]\n',
        b'[{"objects":[],"relations":[{"subject":0,"predicate":"a","object":0}]},null]\n',
    ],
)
def test_hostile_content_under_a_right_checksum_counts_as_absent(cache, tmp_path, content):
    cache.put("a", BARE)
    (path,) = files(tmp_path)
    path.write_bytes(f"{path.name} {zlib.crc32(content):08x}\n".encode() + content)
    assert cache.get("a") is None


@pytest.mark.parametrize("kind", ["folder", "link", "pipe", "huge"])
def test_what_is_no_file_of_the_cache_is_not_read(cache, tmp_path, kind):
    cache.put("a", BARE)
    (path,) = files(tmp_path)
    content = path.read_bytes()
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        with path.open("wb") as stream:
            stream.truncate(1 << 40)
    assert cache.get("a") is None


def test_the_oldest_files_make_room(tmp_path):
    cache = SceneCache(SETTINGS, folder=tmp_path / "scenes", limit=256 * 10_000)
    early, late = [str(n) for n in range(300)], [str(n) for n in range(300, 600)]
    for digest in early:
        cache.put(digest, full(columns=500))  # 4 kB
    for path in files(tmp_path):
        os.utime(path, (1, 1))
    for digest in late:
        cache.put(digest, full(columns=500))

    shards = [list(folder.iterdir()) for folder in (tmp_path / "scenes").iterdir()]
    assert max(map(len, shards)) < 8  # two fit; a folder is looked at one time in four
    assert 256 < len(files(tmp_path)) < 600
    assert sum(map(bool, map(cache.get, late))) > sum(map(bool, map(cache.get, early)))


def test_room_is_made_of_our_own_files_alone(tmp_path):
    cache = SceneCache(SETTINGS, folder=tmp_path / "scenes", limit=256)
    (tmp_path / "elsewhere").write_bytes(b"e" * 1000)
    for shard in range(256):
        folder = tmp_path / "scenes" / f"{shard:02x}"
        folder.mkdir(parents=True)
        (folder / "notes.txt").write_bytes(b"n" * 1000)
        (folder / f"{shard:02x}{'0' * 62}").symlink_to(tmp_path / "elsewhere")
    for digest in range(50):
        cache.put(str(digest), BARE)
    assert len(list((tmp_path / "scenes").rglob("notes.txt"))) == 256
    assert (tmp_path / "elsewhere").exists()


def fill(folder):
    cache = SceneCache(SETTINGS, folder=folder, limit=256 * 9_000)
    with patch.object(logging.Logger, "warning", side_effect=AssertionError):
        for digest in range(150):
            cache.put(str(digest), full(digest, columns=500))


def test_many_processes_may_share_a_folder(cache, tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(fill, [tmp_path / "scenes"] * 2))
    found = {digest: cache.get(str(digest)) for digest in range(150)}
    assert sum(scene is not None for scene in found.values()) > 100
    for digest, scene in found.items():
        if scene is not None:
            assert_same(scene, full(digest, columns=500))


def test_a_folder_that_cannot_be_is_told_once(tmp_path, caplog):
    (tmp_path / "file").touch()
    cache = SceneCache(SETTINGS, folder=tmp_path / "file" / "scenes")
    with caplog.at_level(logging.WARNING):
        cache.put("a", BARE)
        cache.put("b", BARE)
    assert caplog.messages == [
        f"scene graphs are not cached in {tmp_path / 'file' / 'scenes'}: Not a directory"
    ]
    assert cache.get("a") is None


def test_a_full_disk_is_told_once_and_what_is_there_is_still_read(
    cache, tmp_path, caplog, monkeypatch
):
    def no_space(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    cache.put("a", BARE)
    monkeypatch.setattr(jmere.vision.cache, "written_whole", no_space)
    with caplog.at_level(logging.WARNING):
        cache.put("b", BARE)
        cache.put("c", BARE)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith(": No space left on device")
    assert (cache.get("a"), cache.get("b")) == (BARE, None)


def test_a_cache_cleared_while_a_graph_is_written_is_no_fault(cache, caplog, monkeypatch):
    def cleared(*_, **__):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    with monkeypatch.context() as patched:
        patched.setattr(jmere.vision.cache, "written_whole", cleared)
        cache.put("a", BARE)
    cache.put("b", BARE)
    assert (cache.get("a"), cache.get("b")) == (None, BARE)
    assert caplog.messages == []


def test_a_limit_must_be_positive():
    with pytest.raises(ValueError, match="limit must be positive, got 0"):
        SceneCache(SETTINGS, limit=0)
