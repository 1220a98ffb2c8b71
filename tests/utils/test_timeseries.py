"""Windows of a series: the values that Keras's definition gives, by plain loops."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kmagic.base.errors import BadData, BadType, BadValue
from kmagic.layers import Dense, Flatten
from kmagic.models import Sequential
from kmagic.utils import timeseries_dataset_from_array


def windows(data: Any, targets: Any, length: int, stride: int, rate: int, start: int, end: int) -> Any:
    """The windows one by one, as the documentation of Keras defines them."""
    found = []
    place = start
    while place + (length - 1) * rate < end and (targets is None or place < min(len(targets), end)):
        found.append(
            ([data[place + step * rate] for step in range(length)], None if targets is None else targets[place])
        )
        place += stride
    return found


@given(
    rows=some.integers(8, 30),
    length=some.integers(1, 4),
    stride=some.integers(1, 4),
    rate=some.integers(1, 2),
    size=some.integers(1, 6),
    start=some.integers(0, 2),
    cut=some.integers(1, 2),
    has_targets=some.booleans(),
)
def test_windows_are_those_of_a_loop(
    rows: int, length: int, stride: int, rate: int, size: int, start: int, cut: int, has_targets: bool
) -> None:
    data = np.arange(rows) * 1.5
    targets = np.arange(rows) * 10 if has_targets else None
    expected = windows(data, targets, length, stride, rate, start, rows - cut)
    options = {"sequence_stride": stride, "sampling_rate": rate, "start_index": start, "end_index": rows - cut}
    made = timeseries_dataset_from_array(data, targets, length, batch_size=size, **options)
    assert len(made) == -(-len(expected) // size)
    batches = list(made)
    x = np.concatenate([batch[0] if has_targets else batch for batch in batches])
    np.testing.assert_array_equal(x, np.array([window for window, _ in expected]))
    assert all(len(batch[0] if has_targets else batch) == size for batch in batches[:-1])
    if has_targets:
        y = np.concatenate([batch[1] for batch in batches])
        np.testing.assert_array_equal(y, np.array([target for _, target in expected]))


def test_the_examples_of_keras() -> None:
    # sequences of 10, every second item, beginning every third
    data = np.arange(100)
    made = timeseries_dataset_from_array(data, None, 10, sequence_stride=3, sampling_rate=2, batch_size=None)
    found = list(made)
    assert found[0].tolist() == list(range(0, 20, 2)) and found[1].tolist() == list(range(3, 23, 2))
    assert found[-1].tolist() == list(range(81, 100, 2)) and len(made) == 28
    # the next item as the target
    x, y = timeseries_dataset_from_array(data[:-10], data[10:], sequence_length=10)[0]
    assert x[0].tolist() == list(range(10)) and y[0] == 10 and len(x) == 81


def test_rows_may_have_features() -> None:
    data = np.arange(24.0).reshape(12, 2)
    x, y = timeseries_dataset_from_array(data, data, 3, batch_size=4)[1]
    np.testing.assert_array_equal(x[0], data[4:7])
    np.testing.assert_array_equal(y, data[4:8])


def test_shuffled_windows_are_all_windows_in_another_order_each_epoch_and_the_same_for_a_seed() -> None:
    def firsts() -> list[list[int]]:
        made = timeseries_dataset_from_array(np.arange(30), None, 2, batch_size=8, shuffle=True, seed=1)
        epochs = []
        for _ in range(2):
            epochs.append([int(window[0]) for batch in made for window in batch])
            made.on_epoch_end()
        return epochs

    first, second = firsts()
    assert sorted(first) == sorted(second) == list(range(29)) and first != second and [first, second] == firsts()


def test_fit_takes_them_in_the_order_of_time() -> None:
    series = np.sin(np.arange(60) / 3)
    model = Sequential([Dense(1, input_dim=5)])
    model.compile("sgd", "mse")
    seen: list[float] = []

    made = timeseries_dataset_from_array(series[:-5], series[5:], 5, batch_size=16)
    asked = type(made).__getitem__

    class Watched(type(made)):  # type: ignore[misc]
        def __getitem__(self, index: int) -> Any:
            seen.append(index)
            return asked(self, index)

    made.__class__ = Watched
    history = model.fit(made, epochs=2, verbose=0).history["loss"]
    assert seen == [*range(len(made))] * 2 and history[1] < history[0]
    assert model.predict(made, verbose=0).shape == (51, 1)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"start_index": -1}, "`start_index` must be 0 or higher"),
        ({"start_index": 10}, "`start_index` is 10"),
        ({"end_index": 10}, "`end_index` is 10"),
        ({"start_index": 4, "end_index": 3}, "`end_index` must be 5 or higher"),
        ({"sampling_rate": 10}, "`sampling_rate` is 10"),
        ({"sequence_stride": 0}, "sequence_stride"),
        ({"sequence_length": 11}, "no window of 11 items"),
        (
            {"start_index": 1.5},
            "`start_index` is 1.5\nexpected: a whole number from 0 to 9, or None\nfix: start",
        ),
        ({"end_index": "5"}, "`end_index` is '5'\nexpected: a whole number"),
        ({"seed": "a", "shuffle": True}, "`seed` is 'a'\nexpected: a whole number"),
        ({"seed": -1, "shuffle": True}, "`seed` is -1\nexpected: a whole number from 0"),
    ],
)
def test_windows_that_do_not_fit_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises((BadValue, BadType), match=says):
        timeseries_dataset_from_array(np.arange(10), None, **({"sequence_length": 2} | options))


@pytest.mark.parametrize(("given", "says"), [(3, "is 3"), ([[1], [2, 3]], "has items of different shapes")])
def test_what_is_no_series_is_refused(given: Any, says: str) -> None:
    for name, arguments in (("data", (given, None, 1)), ("targets", (np.arange(3), given, 1))):
        with pytest.raises(BadData, match=f"`{name}` {says}\nexpected: an array whose first axis is time\nfix: "):
            timeseries_dataset_from_array(*arguments)


def test_sequences_of_a_model_with_two_axes() -> None:
    data = np.random.default_rng(0).normal(size=(50, 3))
    made = timeseries_dataset_from_array(data, data[:, 0], 4, batch_size=8)
    model = Sequential([Flatten(input_shape=(4, 3)), Dense(1)])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(made, verbose=0).history["loss"]).all()
