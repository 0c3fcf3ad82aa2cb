import numpy as np
import pytest

from jmere.grid.calibration import Calibration, fit_calibration, precision_curve


def drawn(count, *, temperature, shift):
    """Confidences, and what is right if their log-odds are wrong in a known way."""
    draw = np.random.default_rng(0)
    confidence = draw.uniform(0.05, 0.999, count)
    truth = Calibration(temperature=temperature, shift=shift)(confidence)
    return confidence, draw.random(count) < truth


def test_temperature_and_shift_are_found_again():
    fitted = fit_calibration(*drawn(20_000, temperature=2.0, shift=-0.5))
    assert fitted.temperature == pytest.approx(2.0, rel=0.1)
    assert fitted.shift == pytest.approx(-0.5, abs=0.1)


def test_nothing_fitted_changes_nothing():
    confidence = np.array([0.2, 0.5, 0.9])
    np.testing.assert_allclose(Calibration()(confidence), confidence)
    assert fit_calibration(np.zeros(0), np.zeros(0, bool)) == Calibration()


@pytest.mark.parametrize("right", [True, False])
def test_a_fit_exists_where_all_is_alike(right):
    fitted = fit_calibration(np.array([0.3, 0.6, 0.9]), np.full(3, right))
    chances = fitted(np.array([0.0, 0.3, 1.0]))
    assert np.isfinite(chances).all()
    assert (np.diff(chances) >= 0).all()


def test_order_is_kept_even_where_scores_mislead():
    fitted = fit_calibration(np.linspace(0.1, 0.9, 50), np.arange(50) < 25)
    assert (np.diff(fitted(np.linspace(0.1, 0.9, 9))) > 0).all()


def test_a_precision_names_the_least_score_that_reached_it():
    scores, right = np.array([0.1, 0.3, 0.5, 0.7]), np.array([False, True, False, True])
    curve = precision_curve(scores, right, min_pairs=1)
    calibration = Calibration(curve=curve)
    assert calibration.threshold(0.5) == 0.0
    assert calibration.threshold(0.6) == pytest.approx(0.11)
    assert calibration.threshold(1.0) == pytest.approx(0.51)
    with pytest.raises(ValueError, match=r"precision of 0.9 was not reached on dev; .* was 0.50"):
        Calibration(curve=curve[:11]).threshold(0.9)


def test_a_temperature_is_positive():
    with pytest.raises(ValueError, match="temperature must be positive"):
        Calibration(temperature=0.0)
