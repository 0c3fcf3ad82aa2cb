"""Entity head: a label per word, scored as a sequence by a CRF."""

import inspect

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jmere.align.traced import is_traced
from jmere.layers.spans import label_count


class EntityHead(nn.Module):
    """A conditional random field over the labels outside, begun and continued of each type.

    It works on words, so an entity's further pieces need no labels of their own.
    """

    def __init__(self, *, hidden: int, types: int, dropout: float) -> None:
        super().__init__()
        self.dropout, self.emit = nn.Dropout(dropout), nn.Linear(hidden, label_count(types))
        self.crf = Crf(label_count(types))

    def losses(
        self,
        words: Float[Tensor, "batch words hidden"],
        gold: Int[Tensor, "batch words"],
        mask: Bool[Tensor, "batch words"],
    ) -> Float[Tensor, " batch"]:
        """Negative log-likelihood of the gold labels of each post."""
        return self.crf.losses(self.emit(self.dropout(words)), gold, mask)

    def best(
        self, words: Float[Tensor, "batch words hidden"], mask: Bool[Tensor, "batch words"]
    ) -> Int[Tensor, "batch words"]:
        """Return the most probable labels of each post."""
        return self.crf.best(self.emit(self.dropout(words)), mask)


class Crf(nn.Module):
    """Scores label sequences: each word's own scores, start, end and transitions.

    ``score(y) = sum_t e_t[y_t] + sum_t T[y_(t-1), y_t] + start[y_1] + end[y_n]``. Words
    stand at the front of a post, padding behind them takes no part.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.start, self.end = (nn.Parameter(torch.zeros(labels)) for _ in range(2))
        self.transitions = nn.Parameter(torch.zeros(labels, labels))

    def losses(
        self,
        emissions: Float[Tensor, "batch words labels"],
        gold: Int[Tensor, "batch words"],
        mask: Bool[Tensor, "batch words"],
    ) -> Float[Tensor, " batch"]:
        """Negative log-likelihood of the gold labels of each post; 0 of an empty one."""
        emissions = emissions.float()
        scores = self.scores(emissions, gold, mask)
        return (self.log_partition(emissions, mask) - scores) * mask[:, 0]

    def scores(
        self,
        emissions: Float[Tensor, "batch words labels"],
        labels: Int[Tensor, "batch words"],
        mask: Bool[Tensor, "batch words"],
    ) -> Float[Tensor, " batch"]:
        """Score of one sequence of labels per post."""
        own = emissions.gather(2, labels[:, :, None]).squeeze(2)
        steps = self.transitions[labels[:, :-1], labels[:, 1:]]
        last = labels.gather(1, (mask.sum(dim=1, keepdim=True) - 1).clamp(min=0)).squeeze(1)
        within = (own * mask).sum(dim=1) + (steps * mask[:, 1:]).sum(dim=1)
        return within + self.start[labels[:, 0]] + self.end[last]

    def log_partition(
        self, emissions: Float[Tensor, "batch words labels"], mask: Bool[Tensor, "batch words"]
    ) -> Float[Tensor, " batch"]:
        """Logarithm of the summed exponentials of all sequences' scores."""
        total = self.start + emissions[:, 0]
        for word in range(1, emissions.shape[1]):
            longer = (total[:, :, None] + self.transitions).logsumexp(dim=1) + emissions[:, word]
            total = torch.where(mask[:, word, None], longer, total)
        return (total + self.end).logsumexp(dim=1)

    def best(
        self, emissions: Float[Tensor, "batch words labels"], mask: Bool[Tensor, "batch words"]
    ) -> Int[Tensor, "batch words"]:
        """Return the sequence with the highest score (Viterbi), with label 0 on padding."""
        # A decorator, such as a type checker's, cannot be exported.
        find = torch.jit.script(inspect.unwrap(_viterbi)) if is_traced() else _viterbi
        best: Tensor = find(emissions.float(), mask, self.start, self.end, self.transitions)
        return best


def _viterbi(
    emissions: Tensor, mask: Tensor, start: Tensor, end: Tensor, transitions: Tensor
) -> Tensor:
    """Find the best labels; a function of tensors alone, so that its loops can be exported."""
    stay = torch.arange(start.shape[0], device=emissions.device)
    total = start + emissions[:, 0]
    came_from: list[Tensor] = []
    for word in range(1, emissions.shape[1]):
        longer, before = (total[:, :, None] + transitions).max(dim=1)
        present = mask[:, word, None]
        total = torch.where(present, longer + emissions[:, word], total)
        came_from.append(torch.where(present, before, stay))
    label = (total + end).argmax(dim=1, keepdim=True)
    path = [label]
    for step in range(len(came_from)):
        label = came_from[len(came_from) - 1 - step].gather(1, label)
        path.append(label)
    return torch.cat(path, dim=1).flip(1) * mask
