import numpy as np

from jmere.vision.relate.prior import (
    LABEL_WEIGHT,
    OVERALL_WEIGHT,
    PAIR_WEIGHT,
    FrequencyPrior,
    Mixture,
)

ON, WEAR = 0, 1
SEEN = np.array([[0, WEAR, 1]] * 3 + [[1, ON, 2]])


def prior():
    return FrequencyPrior.count(SEEN, labels=3, predicates=2)


def one(label):
    return Mixture(np.array([[label]]), np.ones((1, 1), np.float32))


def test_chances_sum_to_one_for_every_pair_of_labels():
    np.testing.assert_allclose(prior().probabilities.sum(axis=2), 1, atol=1e-5)


def test_backoff_by_hand():
    overall = np.array([1, 3]) + OVERALL_WEIGHT
    overall = overall / overall.sum()
    by_subject = (np.array([0, 3]) + LABEL_WEIGHT * overall) / (3 + LABEL_WEIGHT)
    by_object = (np.array([0, 3]) + LABEL_WEIGHT * overall) / (3 + LABEL_WEIGHT)
    expected = by_subject * by_object / overall
    expected /= expected.sum()
    by_hand = (np.array([0, 3]) + PAIR_WEIGHT * expected) / (3 + PAIR_WEIGHT)
    np.testing.assert_allclose(prior().of(one(0), one(1))[0], by_hand, rtol=1e-5)


def test_labels_never_seen_as_such_give_the_overall_frequencies():
    found = prior().of(one(2), one(0))
    np.testing.assert_allclose(found[0], prior().overall, rtol=1e-5)
    np.testing.assert_allclose(prior().evidence(found), 0, atol=1e-5)


def test_a_mixture_of_labels_has_the_mixture_of_their_chances():
    mixed = Mixture(np.array([[0, 1]]), np.array([[0.25, 0.75]], np.float32))
    found = prior().of(mixed, one(1))
    by_hand = 0.25 * prior().of(one(0), one(1)) + 0.75 * prior().of(one(1), one(1))
    np.testing.assert_allclose(found, by_hand, rtol=1e-5)
