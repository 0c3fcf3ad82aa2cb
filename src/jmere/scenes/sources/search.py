"""The scene graph of a post, from the sources that have one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol, runtime_checkable

from jmere.data.mend import mended_scene
from jmere.records import Post, SceneGraph
from jmere.scenes.combine import DEFAULT_OBJECTS, join_graphs, top_objects


@runtime_checkable
class Describer(Protocol):
    """Finds descriptions for posts that have none."""

    def gives(self, post: Post, /) -> bool:
        """Return whether it will describe the post's picture."""

    def described(self, posts: Sequence[Post], /) -> list[Post]:
        """Return the posts, the described with their description as ``alt_text``."""


class SceneResult(NamedTuple):
    """The scene graph of a post, and what went wrong with it or its picture."""

    scene: SceneGraph
    warnings: tuple[str, ...] = ()


@runtime_checkable
class SceneSource(Protocol):
    """Answers which scene graph a post has.

    A source whose ``find`` is slow may also have ``gives(post) -> bool``, which says whether it
    will answer.
    """

    adds: bool
    """Whether its graphs are joined with those of other sources; otherwise it answers alone."""

    def find(self, posts: Sequence[Post], /) -> Sequence[SceneGraph | SceneResult | None]:
        """Return the graph of each post, or ``None`` where the source knows nothing of it."""


class SceneSources:
    """Finds the scene graph of each post in a list of sources.

    Sources that answer alone are asked first: the first that knows a post ends its search. All
    sources that add are asked about the other posts, and their graphs are joined. One label in
    two graphs is one object. A post that no source knows has a graph without objects. Earlier
    graphs leave room for later ones, down to an even share of all objects and at most to half:
    what somebody says of a picture matters more than the least sure detections. A graph without a
    caption has the alternative text of its post as its caption.

    What no graph can have, such as a box that is not finite, is left out (``jmere.data.mend``),
    with a warning.

    Example:
        >>> from jmere.records import SceneObject
        >>> from jmere.scenes.sources import FromFiles, Given
        >>> graphs = {"cat.jpg": SceneGraph((SceneObject("cat"),))}
        >>> sources = SceneSources([Given(), FromFiles(graphs)])
        >>> [scene] = sources.scenes([Post("Look!", image="photos/cat.jpg")])
        >>> scene.objects[0].label
        'cat'
    """

    def __init__(
        self,
        sources: Iterable[SceneSource],
        *,
        objects: int = DEFAULT_OBJECTS,
        descriptions: Describer | None = None,
    ) -> None:
        """Store the sources.

        Args:
            sources: The sources, in the order in which they are asked.
            objects: Maximum number of objects of a graph; ``top_objects`` says which are kept.
            descriptions: Captions for posts with a picture and without a description.

        Raises:
            ValueError: If ``objects`` is negative.
        """
        if objects < 0:
            raise ValueError(f"the number of objects must not be negative, got {objects}")
        self.sources, self.objects = tuple(sources), objects
        self._descriptions = descriptions

    def described(self, posts: Sequence[Post]) -> Sequence[Post]:
        """Return the posts, those without a description with that of the captioner, if any."""
        return posts if self._descriptions is None else self._descriptions.described(posts)

    def scenes(self, posts: Sequence[Post]) -> list[SceneGraph]:
        """Return the scene graph of each post."""
        return [result.scene for result in self.look(posts)]

    def look(self, posts: Sequence[Post]) -> list[SceneResult]:
        """Return the scene graph of each post and its warnings; each source is asked once.

        Raises:
            ValueError: If a source does not return one answer per post.
        """
        posts = self.described(posts)
        found: list[list[SceneResult]] = [[] for _ in posts]
        open_posts = list(range(len(posts)))
        for source in sorted(self.sources, key=lambda each: each.adds):
            if not open_posts:
                break
            answers = _ask(source, [posts[index] for index in open_posts])
            for index, answer in zip(open_posts, answers, strict=True):
                if answer is not None:
                    found[index].append(answer)
            if not source.adds:
                open_posts = [index for index in open_posts if not found[index]]
        return [self._joined(post, answers) for post, answers in zip(posts, found, strict=True)]

    def pictures_without_graph(self, posts: Sequence[Post]) -> int:
        """Return how many posts name a picture, if no source knows any post; else 0."""
        named = sum(post.image is not None for post in posts)
        return 0 if any(map(self.gives, posts)) else named

    def gives(self, post: Post) -> bool:
        """Return whether a source has the post's graph, be it an empty one."""
        if self._descriptions is not None and self._descriptions.gives(post):
            return True
        return any(_gives(source, post) for source in self.sources)

    def _joined(self, post: Post, answers: Sequence[SceneResult]) -> SceneResult:
        scene = answers[-1].scene if answers else SceneGraph()
        share = self.objects // max(2, sum(bool(answer.scene.objects) for answer in answers))
        for answer in reversed(answers[:-1]):
            scene = self._fitted(answer.scene, scene, share)
        if self.sources and scene.caption is None and post.alt_text:
            scene = replace(scene, caption=post.alt_text)
        scene, faults = mended_scene(scene)
        told = (warning for answer in answers for warning in answer.warnings)
        return SceneResult(top_objects(scene, self.objects), tuple(dict.fromkeys((*told, *faults))))

    def _fitted(self, earlier: SceneGraph, later: SceneGraph, share: int) -> SceneGraph:
        """Join two graphs, the earlier with as many objects as fit, but at least its share."""
        for room in range(min(len(earlier.objects), self.objects), share, -1):
            joined = join_graphs(top_objects(earlier, room), later)
            if len(joined.objects) <= self.objects:
                return joined
        return join_graphs(top_objects(earlier, share), later)


def _ask(source: SceneSource, posts: Sequence[Post]) -> list[SceneResult | None]:
    answers = source.find(posts)
    if len(answers) != len(posts):
        raise ValueError(
            f"{type(source).__name__}.find: {len(answers)} answers for {len(posts)} posts"
        )
    return [SceneResult(each) if isinstance(each, SceneGraph) else each for each in answers]


def _gives(source: SceneSource, post: Post) -> bool:
    gives = getattr(source, "gives", None)
    return bool(gives(post)) if gives is not None else source.find([post])[0] is not None
