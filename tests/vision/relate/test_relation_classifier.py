import json

import numpy as np
import pytest

from jmere.training.relations.ranking import Ranker, seen_triples
from jmere.training.relations.recall import measure_recall
from jmere.training.relations.train_relations import save_classifier, split_pictures
from jmere.training.relations.vrd import Annotations, read_vrd
from jmere.vision.relate.classifier import Classifier
from jmere.vision.relate.geometry import in_frame, ordered_pairs, pair_features
from jmere.vision.relate.network import direct_effect, gelu, softmax
from toy_relations import LABELS, pictures, toy_classifier

BOXES = np.array([[40, 10, 60, 90], [60, 10, 80, 30], [0, 0, 90, 90]], dtype=np.float64)
NAMES = ("person", "hat", "qwx")


@pytest.fixture(scope="module")
def toy():
    return toy_classifier()


def predict(classifier, names=NAMES, boxes=BOXES, **options):
    pairs = ordered_pairs(len(names))
    labels, mixtures = classifier.vectors(names), classifier.mixtures(names)
    return classifier.predict(labels, mixtures, boxes, pairs, **options)


def recall(classifier, annotations):
    seen = seen_triples(classifier)
    return measure_recall(annotations, Ranker(classifier, annotations), seen=seen).all.at[50]


def test_the_learner_learns_where_things_are(toy):
    classifier, annotations = toy
    assert recall(classifier, annotations) == 1


def test_appearance_tells_apart_what_boxes_do_not():
    classifier, annotations = toy_classifier(appearance=True)
    assert classifier.config.appearance == 2
    right = 0
    for picture in annotations.pictures:
        names = tuple(LABELS[label] for label in picture.labels)
        found = predict(classifier, names, picture.boxes, appearance=picture.appearance)
        right += int(found.best()[0][0]) == int(picture.relations[0, 1])
    assert right == len(annotations.pictures)
    assert np.isfinite(predict(classifier).predicates).all()  # absent, it is done without


def test_the_order_of_the_things_changes_nothing(toy):
    turn = [2, 0, 1]
    straight = predict(toy[0])
    turned = predict(toy[0], tuple(NAMES[place] for place in turn), BOXES[turn])
    places = {tuple(pair): row for row, pair in enumerate(ordered_pairs(3).tolist())}
    for row, pair in enumerate(ordered_pairs(3).tolist()):
        other = places[turn[pair[0]], turn[pair[1]]]
        np.testing.assert_allclose(turned.predicates[row], straight.predicates[other], atol=1e-5)


def test_unbiased_is_the_difference_made_by_the_evidence(toy):
    classifier, pairs = toy[0], ordered_pairs(3)
    labels, geometry = classifier.vectors(NAMES), pair_features(in_frame(BOXES), pairs)
    weights = classifier.network.weights
    named = labels[pairs[:, 0]] @ weights["subject.weight"].T
    named += labels[pairs[:, 1]] @ weights["object.weight"].T
    hidden = gelu(named + weights["geometry.bias"])
    blind = hidden @ weights["predicates.weight"].T + weights["predicates.bias"]
    full = classifier.network.logits(labels, pairs, geometry).predicates
    expected = softmax(full - classifier.config.effect * blind)
    np.testing.assert_allclose(predict(classifier, unbiased=True).predicates, expected, atol=1e-5)


def test_without_evidence_there_is_no_direct_effect(toy):
    network, pairs = toy[0].network, ordered_pairs(3)
    labels, geometry = toy[0].vectors(NAMES), pair_features(in_frame(BOXES), pairs)
    blind = network.logits(labels, pairs, geometry, blind=True).predicates
    assert (direct_effect(blind, blind, share=1.0) == 0).all()
    other = network.logits(labels, pairs, geometry + 1, blind=True).predicates
    np.testing.assert_array_equal(other, blind)


def test_a_known_label_is_itself_and_another_is_like_its_like(toy):
    found = toy[0].mixtures(["Traffic_Light", "lights"])
    assert found.labels[:, 0].tolist() == [1, 1]
    np.testing.assert_array_equal(found.shares[0], [1, 0, 0])
    assert 0.5 < found.shares[1, 0] < 1


def test_what_is_loaded_judges_as_what_was_saved(toy, tmp_path):
    save_classifier(toy[0], tmp_path / "relations")
    loaded = Classifier.load(tmp_path / "relations")
    for options in ({}, {"prior": False}, {"unbiased": True}):
        before, after = predict(toy[0], **options), predict(loaded, **options)
        np.testing.assert_allclose(after.predicates, before.predicates, atol=2e-2)
    assert recall(loaded, toy[1]) == 1
    assert loaded.digest


def test_saving_replaces_the_folder_and_keeps_its_notice(toy, tmp_path):
    folder = tmp_path / "relations"
    folder.mkdir()
    (folder / "NOTICE").write_text("whose", encoding="utf-8")
    for _ in range(2):
        save_classifier(toy[0], folder)
    found = sorted(path.name for path in folder.iterdir())
    assert found == [".jmere.json", "NOTICE", "config.json", "model.safetensors", "words.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["relations"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", b"{", "not a relation classifier"),
        ("config.json", b'{"labls": []}', "unknown key 'labls'"),
        (
            "config.json",
            json.dumps({"labels": ["a"], "predicates": ["b"]}).encode(),
            "not a relation classif",
        ),
        ("model.safetensors", b"cut", "not a relation classifier"),
        ("words.txt", b"one", "1 words"),
    ],
)
def test_a_damaged_folder_is_told(toy, tmp_path, name, content, message):
    toy[0].save(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        Classifier.load(tmp_path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no config\.json"):
        Classifier.load(tmp_path)


def test_a_file_of_other_names_is_measured(toy):
    annotations = Annotations(("hat", "lamp", "person"), ("near", "eat", "wear"), ())
    picture = pictures(1)[0]
    found = Ranker(toy[0], annotations)(picture)
    assert len(found.pairs) == 2
    assert set(found.predicates.tolist()) <= {-1, 0, 2}


def test_the_split_is_by_name_and_holds_every_picture_once():
    parts = split_pictures(pictures(20))
    assert sum(map(len, parts)) == 20
    assert not parts[0] or not parts[1]  # these have no name


def test_the_bundled_weights_find_half_of_the_relations_they_were_trained_on(shared):
    annotations = read_vrd(shared / "data" / "vrd" / "train.json")
    classifier = Classifier.load()
    _, dev = split_pictures(annotations.pictures)
    rank = Ranker(classifier, annotations)
    found = measure_recall(annotations, rank, seen=seen_triples(classifier), pictures=dev[:100])
    assert found.all.at[100] >= 0.5
