"""Posts of an epoch, the same in every epoch or drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch.utils.data import Dataset

from jmere.inputs.prepare import PreparedPost


class EpochPosts(Dataset[PreparedPost]):
    """Data set whose posts may change with the epoch, but not their number."""

    def __init__(
        self,
        posts: Sequence[PreparedPost] = (),
        *,
        draw: Callable[[int], Sequence[PreparedPost]] | None = None,
    ) -> None:
        """Set up the posts.

        Args:
            posts: The posts of every epoch; not with ``draw``.
            draw: Draws the posts of an epoch, by its number from 0.
        """
        self._draw = draw
        self._posts = posts
        self._epoch: int | None = None
        if draw is not None:
            self.begin(0)

    def begin(self, epoch: int) -> None:
        """Draw the posts of an epoch."""
        if self._draw is not None and epoch != self._epoch:
            self._posts, self._epoch = self._draw(epoch), epoch

    def lengths(self) -> list[int]:
        """Return the number of word pieces of each post."""
        return [post.length for post in self._posts]

    def __len__(self) -> int:
        """Return the number of posts."""
        return len(self._posts)

    def __getitem__(self, index: int) -> PreparedPost:
        """Return a post of the present epoch."""
        return self._posts[index]
