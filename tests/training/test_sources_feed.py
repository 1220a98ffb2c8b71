"""Feed: epochs that need not end where a pass over the data does, over arrays and over streams alike."""

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kmagic.training.sources import ENDLESS, ArraySource, Feed, RowBatches, StreamBatches, stream_of
from kmagic.utils import PyDataset


def of_rows(rows: int, size: int, steps: int | None = None, anew: bool = False) -> Feed:
    return Feed(RowBatches(ArraySource([np.arange(rows)]), size), steps, anew)


def of_stream(data: Any, steps: int | None = None, anew: bool = False) -> Feed:
    return Feed(StreamBatches(stream_of(data), lambda batch: [np.asarray(batch)], steps), steps, anew)


class Anew:
    """Batches that can be gone through again, of which nobody knows how many there are."""

    def __init__(self, batches: list[list[int]]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)


def split(rows: int, size: int) -> list[list[int]]:
    return [list(range(start, min(start + size, rows))) for start in range(0, rows, size)]


def epoch(feed: Feed) -> list[list[int]]:
    feed.begin()
    seen = []
    while rows := feed.advance():
        place = np.zeros(rows, "int64")
        feed.read([place])
        seen.append(place.tolist())
    assert feed.advance() == 0  # it stays at its end
    feed.end()
    return seen


def epochs(feed: Feed, count: int) -> list[list[list[int]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [epoch(feed) for _ in range(count)]


def test_without_steps_an_epoch_is_a_pass() -> None:
    whole = [[0, 1, 2], [3, 4, 5], [6]]
    for feed in (of_rows(7, 3), of_stream(Anew(whole))):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert [epoch(feed) for _ in range(3)] == [whole] * 3


def test_with_steps_the_next_epoch_goes_on_where_the_last_one_ended() -> None:
    # ten batches, four an epoch: Keras trains on 4, 4, 2 and begins anew
    for feed in (of_rows(10, 1, 4), of_stream(Anew(split(10, 1)), 4)):
        found = [[batch[0] for batch in part] for part in epochs(feed, 4)]
        assert found == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], [0, 1, 2, 3]]


def test_an_evaluation_begins_anew_each_time() -> None:
    for feed in (of_rows(10, 1, 4, anew=True), of_stream(Anew(split(10, 1)), 4, anew=True)):
        assert [[batch[0] for batch in part] for part in epochs(feed, 2)] == [[0, 1, 2, 3]] * 2


def test_an_iterator_goes_on_and_has_an_end() -> None:
    feed = of_stream(iter(split(5, 1)), 2)
    assert epoch(feed) == [[0], [1]] and epoch(feed) == [[2], [3]]
    with pytest.warns(UserWarning, match=r"ran out of data after 1 of 2 steps"):
        assert epoch(feed) == [[4]]
    with pytest.warns(UserWarning, match=r"ran out of data before the first step"):
        assert epoch(feed) == []


def test_an_iterator_takes_no_more_batches_than_there_are_steps() -> None:
    source = iter(split(9, 1))
    assert epochs(of_stream(source, 2), 2) == [[[0], [1]], [[2], [3]]]
    assert next(source) == [4]


def test_fewer_batches_than_steps_end_each_epoch_with_a_warning() -> None:
    for feed in (of_rows(4, 2, 5), of_stream(Anew(split(4, 2)), 5)):
        for _ in range(2):
            with pytest.warns(UserWarning, match=r"`steps_per_epoch \* epochs`"):
                assert epoch(feed) == [[0, 1], [2, 3]]


class Numbered(PyDataset):
    """Six batches, of which two have no rows."""

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> list[int]:
        return [] if index in (1, 2) else [index]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_batches_without_rows_are_no_steps_of_an_epoch(workers: int) -> None:
    feed = of_stream(Numbered(workers=workers), 2)
    assert [epoch(feed) for _ in range(4)] == [[[0], [3]], [[4], [5]]] * 2
    feed.close()
    with pytest.warns(UserWarning, match="ran out of data after 1 of 3 steps"):
        feed = of_stream(Numbered(workers=workers), 3)
        assert [epoch(feed) for _ in range(3)] == [[[0], [3], [4]], [[5]], [[0], [3], [4]]]
    feed.close()


def test_steps_are_unknown_until_a_pass_is_over() -> None:
    feed = of_stream(Anew(split(5, 2)))
    assert feed.steps is None
    epoch(feed)
    assert feed.steps == 3
    assert of_rows(5, 2).steps == 3 and of_rows(5, 2, 9).steps == 9
    assert of_stream(iter([[1]])).steps is None and of_stream(iter([[1]]), 4).steps == 4


def test_an_endless_epoch_ends_with_its_data() -> None:
    feed = of_stream(Anew(split(3, 1)), ENDLESS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [len(epoch(feed)) for _ in range(2)] == [3, 3]
    endless = of_stream(itertools.repeat([1]), ENDLESS)
    endless.begin()
    assert [endless.advance() for _ in range(50)] == [1] * 50 and endless.steps is None


@given(
    rows=some.integers(1, 30),
    size=some.integers(1, 12),
    steps=some.none() | some.integers(1, 12),
    count=some.integers(1, 5),
    anew=some.booleans(),
)
def test_arrays_and_streams_give_the_same_batches(
    rows: int, size: int, steps: int | None, count: int, anew: bool
) -> None:
    found = epochs(of_rows(rows, size, steps, anew), count)
    assert epochs(of_stream(Anew(split(rows, size)), steps, anew), count) == found
    # by hand: passes one after the other, cut into epochs; one that the data end in is shorter
    batches, place = split(rows, size), 0
    for part in found:
        place = 0 if anew or steps is None or place == len(batches) else place
        end = len(batches) if steps is None else min(place + steps, len(batches))
        assert part == batches[place:end]
        place = end
