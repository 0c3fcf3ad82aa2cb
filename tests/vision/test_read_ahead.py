import threading
import time

import pytest

from jmere.vision.read_ahead import read_ahead


def test_results_come_in_order_whichever_is_done_first():
    def slow_at_first(number):
        time.sleep(0.02 if number == 0 else 0)
        return number * number

    assert list(read_ahead(slow_at_first, range(20), 3)) == [n * n for n in range(20)]


def test_calls_run_side_by_side_in_other_threads():
    together = threading.Barrier(2, timeout=10)

    def meet(_):
        together.wait()
        return threading.current_thread().name

    names = list(read_ahead(meet, range(4), workers=2))
    assert all(name.startswith("read-ahead") for name in names)


def test_what_one_raises_stands_in_its_place_and_the_others_go_on():
    first, second, third = read_ahead(lambda number: 6 // number, [1, 0, 2])
    assert (first, third) == (6, 3)
    assert isinstance(second, ZeroDivisionError)


def test_no_more_than_the_window_is_taken_ahead():
    taken = []

    def things():
        for number in range(100):
            taken.append(number)
            yield number

    results = read_ahead(str, things(), workers=2, window=3)
    assert taken == []
    for number in range(50):
        assert next(results) == str(number)
        assert len(taken) <= number + 3
    results.close()


def test_no_more_results_than_the_window_are_held():
    made, most = [0], [0]
    lock = threading.Lock()

    class Heavy:
        def __init__(self, _):
            with lock:
                made[0] += 1
                most[0] = max(most[0], made[0])

        def __del__(self):
            with lock:
                made[0] -= 1

    for _ in read_ahead(Heavy, range(40), workers=2, window=4):
        time.sleep(0.001)
    assert most[0] <= 5, "the window's and the one handed out"


def test_stopping_early_ends_the_threads_and_begins_nothing_new():
    begun = []

    def work(number):
        begun.append(number)
        time.sleep(0.01)
        return number

    results = read_ahead(work, range(1000), workers=2, window=50)
    next(results)
    results.close()
    count = len(begun)
    time.sleep(0.05)
    assert len(begun) == count < 20
    assert not [each for each in threading.enumerate() if each.name.startswith("read-ahead")]


def test_an_error_of_the_things_comes_after_the_results_before_it():
    def things():
        yield from (1, 2, 3)
        raise OSError("line 4 is broken")

    results = read_ahead(str, things(), workers=2, window=10)
    assert [next(results) for _ in range(3)] == ["1", "2", "3"]
    with pytest.raises(OSError, match="line 4"):
        next(results)


def test_nothing_gives_nothing():
    assert list(read_ahead(str, [])) == []


@pytest.mark.parametrize("numbers", [{"workers": 0}, {"window": 0}])
def test_numbers_must_be_positive(numbers):
    with pytest.raises(ValueError, match="must be positive"):
        read_ahead(str, [1], **numbers)
