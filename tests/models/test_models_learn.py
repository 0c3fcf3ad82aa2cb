"""Every model learns posts by heart, and is the same when it is read back."""

import pytest
import torch

from builders import sample_posts, save_tiny_encoder
from jmere.evaluation.scores import score
from jmere.extract import Extractor
from jmere.inputs.prepare import windows_of
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.tagging import LossConfig, total_loss
from jmere.tagger.storage import create_tagger
from jmere.tagger.tagger import Tagger, TaggerConfig
from jmere.tags import TagSet, Vocabulary
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.dependency import SELF
from jmere.text.parser import Parser
from tiny_models import FORMS, name_of, tiny_config

# `make test` trains each model, `make soak` its other forms too.
every_form = pytest.mark.parametrize(
    "form",
    [pytest.param(each, marks=pytest.mark.soak if each[1] else ()) for each in FORMS],
    ids=[name_of(each) for each in FORMS],
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return save_tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def parser():
    return Parser.load()


def tagger_of(form, encoder, parser):
    posts = sample_posts()
    torch.manual_seed(0)
    return create_tagger(
        TaggerConfig(tiny_config(form)),
        encoder=encoder,
        parser=parser,
        tags=TagSet.load(),
        cooccurrence=CooccurrenceTable.count((post.tokens for post in posts), window=8),
        predicates=Vocabulary([SELF, "hold", "on"]),
    )


@every_form
def test_eight_posts_are_learned_by_heart_and_kept(form, encoder, parser, tmp_path):
    tagger, posts = tagger_of(form, encoder, parser), sample_posts()
    ready = windows_of(tagger.prepare(posts))
    optimizer = torch.optim.Adam(tagger.network.parameters(), lr=3e-3)
    draw = torch.Generator().manual_seed(0)
    for step in range(300):
        tagger.network.train()
        order = torch.randperm(len(ready), generator=draw)  # the last of a batch may be swapped
        batch = TensorBatch.of(tagger.batch([ready[index] for index in order], gold=True))
        losses = total_loss(tagger.network(batch), batch.gold, LossConfig(per_word=True))
        optimizer.zero_grad()
        losses["total"].backward()
        optimizer.step()
        if step % 20 == 19 and f1(tagger) == 1:
            break
    assert f1(tagger) == 1

    tagger.save_pretrained(tmp_path / "model")
    kept = Tagger.from_pretrained(tmp_path / "model")
    assert (kept.config, kept.decoder) == (tagger.config, tagger.decoder)
    with torch.no_grad():
        assert torch.equal(kept.network.eval()(batch).scores, tagger.network.eval()(batch).scores)
    found = Extractor.from_pretrained(tmp_path / "model").extract(posts[1])
    assert set(found.quintuples) == set(posts[1].quintuples)


def f1(tagger):
    posts = sample_posts()
    return score(posts, list(Extractor(tagger).stream(posts)), "directed").jmere.f1
