import numpy as np
import pytest

from jmere.records import SceneGraph, SceneObject
from jmere.scenes.control import shuffled


def scene(*labels: str) -> SceneGraph:
    return SceneGraph(tuple(SceneObject(label) for label in labels))


def names(graph: SceneGraph) -> list[str]:
    return [item.label for item in graph.objects]


@pytest.mark.parametrize("seed", range(20))
def test_shuffled_graphs_all_move_and_none_is_lost(seed: int):
    scenes = [scene("a"), SceneGraph(), scene("b"), scene("c"), SceneGraph(), scene("d")]

    moved = shuffled(scenes, np.random.default_rng(seed))

    assert sorted(map(names, moved)) == sorted(map(names, scenes))
    for before, after in zip(scenes, moved, strict=True):
        assert (after != before) == bool(before.objects)


def test_shuffling_is_repeated_by_its_seed_and_changed_by_another():
    scenes = [scene(label) for label in "abcdefgh"]
    once, again, other = (shuffled(scenes, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert once == again != other


def test_a_graph_alone_has_nowhere_to_go():
    generator = np.random.default_rng(0)
    assert shuffled([], generator) == []
    assert shuffled([scene("a")], generator) == [scene("a")]
    assert shuffled([SceneGraph(), scene("a")], generator) == [SceneGraph(), scene("a")]
