"""Supply: the user's data on their way to a pass, rows that are all there or batches that come one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadData, BadValue
from kmagic.base.trees import described, leaves
from kmagic.models.checks import check_batch, open_axes
from kmagic.models.rows import Rows, features_of, rows_of, weigh_classes
from kmagic.training.sources import (
    ENDLESS,
    ArraySource,
    Feed,
    RowBatches,
    StreamBatches,
    in_order,
    stream_of,
    unpack_x_y_sample_weight,
)

Array = np.ndarray[Any, Any]
Order = Callable[[int, int], Array]


@dataclass(frozen=True)
class Supply:
    """What a pass runs over. `rows` are there to be looked at: all of them, or those of the first batch of a stream."""

    rows: Rows
    feed: Feed

    @property
    def size(self) -> int:
        """How many rows a batch usually has."""
        return self.feed.batches.size


def shuffled(seed: int, shuffle: bool) -> Order:
    """The order of each pass: as it comes, or by a generator that depends on seed and pass alone."""
    if not shuffle:
        return in_order
    return lambda number, count: np.random.Generator(np.random.Philox(key=[seed, number])).permutation(count)


# ---- rows that are all there ----


def of_rows(
    rows: Rows, batch_size: int | None, steps: int | None, where: str, order: Order = in_order, anew: bool = True
) -> Supply:
    """Arrays in batches."""
    check_steps(steps, where)
    length = len(rows)
    size = batch_size_of(batch_size, length, where, steps)
    batches = RowBatches(ArraySource(rows.arrays()), size, lambda number: order(number, length))
    return Supply(rows, Feed(batches, steps, anew))


def batch_size_of(value: Any, rows: int, where: str = "fit", steps: int | None = None) -> int:
    """The batch size, no larger than the data: 32 by default, or what makes so many steps of them."""
    if value is None:
        value = -(-rows // steps) if steps is not None and steps > 0 else 32
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise BadValue(f"batch_size is {value!r}", where=where, expected="a whole number of at least 1")
    return min(int(value), rows)


def check_steps(steps: Any, where: str) -> None:
    """Refuse what is no number of steps."""
    if steps is None:
        return
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or (steps < 1 and steps != ENDLESS):
        title = STEPS.get(where, "steps")
        raise BadValue(f"{title} is {steps!r}", where=where, expected="a whole number of at least 1, or None")


STEPS = {"fit": "steps_per_epoch", "validation data": "validation_steps"}


# ---- streams ----


def of_stream(
    model: Any,
    data: Any,
    take: Callable[[Any], Rows],
    steps: int | None,
    where: str,
    order: Order = in_order,
    anew: bool = True,
    later: bool = False,
) -> Supply:
    """Batches of a stream, of which `take` makes rows; the first one is there already.

    Where they are gone through `later`, the first one of a stream that repeats is only looked at.
    """
    check_steps(steps, where)
    stream = stream_of(data, order)
    if stream.is_endless and steps is None:
        title = STEPS.get(where, "steps")
        raise BadValue(f"the {stream.title} has no end", where=where, expected=f"`{title}`", fix=f"{title}=100")
    model.preparation.check_batches(where)
    reader = _Reader(take, where)
    limit = None if steps is None or steps == ENDLESS else steps
    batches = StreamBatches(stream, reader, limit, reader.labels, lambda: open_axes(model), later)
    assert reader.first is not None
    return Supply(reader.first, Feed(batches, steps, anew))


class _Reader:
    """Makes arrays of batches, which all have to have the form of the first one."""

    def __init__(self, take: Callable[[Any], Rows], where: str) -> None:
        self._take, self._where = take, where
        self.first: Rows | None = None

    def labels(self) -> list[str]:
        """What errors call the arrays."""
        return [] if self.first is None else self.first.form.labels

    def __call__(self, batch: Any) -> Sequence[Array]:
        rows = self._take(batch)
        if not len(rows):
            return [np.empty(0)]
        if self.first is None:
            self.first = rows
        elif rows.form != self.first.form:
            raise BadData(
                _parts(rows), where=self._where, expected=f"the same parts as in the first batch: {_parts(self.first)}"
            )
        return rows.arrays()


def _parts(rows: Rows) -> str:
    """What a batch consists of, in a few words."""
    form = rows.form
    return f"x {described(form.inputs).replace('None', '·')}, {sum(form.targets)} y, {sum(form.weights)} sample_weight"


EMPTY = Rows(np.empty(0))


def batch_rows(
    model: Any,
    class_weight: Mapping[Any, float] | None = None,
    where: str = "fit",
    training: bool = False,
    look: Callable[[Any, Any], None] = lambda x, y: None,
    check: Callable[[Rows], None] = lambda rows: None,
) -> Callable[[Any], Rows]:
    """What makes rows of a batch. `look` sees the first one as it came, `check` all of them; both may refuse it."""
    unseen = [look]

    def take(batch: Any) -> Rows:
        x, y, sample_weight = unpack_x_y_sample_weight(batch)
        if _is_empty(x, y, sample_weight):
            return EMPTY
        while unseen:
            unseen.pop()(x, y)
        x, y, sample_weight = model.preparation.data(x, y, sample_weight, training, model._names)
        if _is_empty(x, y, sample_weight):
            return EMPTY
        rows = weigh_classes(_rows(model, x, y, sample_weight, where), class_weight, where)
        check_batch(model, rows, where)
        check(rows)
        return rows

    return take


def _rows(model: Any, x: Any, y: Any, sample_weight: Any, where: str) -> Rows:
    try:
        return rows_of(model, x, y, sample_weight, where)
    except BadData as error:
        if y is None:
            error.fix = "(x, y) in place of x"
        raise


def batch_features(model: Any) -> Callable[[Any], Rows]:
    """What makes checked rows of a batch to predict for, of which only x counts."""

    def take(batch: Any) -> Rows:
        x = unpack_x_y_sample_weight(batch)[0]
        if _is_empty(x):
            return EMPTY
        rows = Rows(features_of(model, model.preparation.features(x, model.input_names), "predict"))
        check_batch(model, rows, "predict")
        return rows

    return take


def _is_empty(*parts: Any) -> bool:
    """Whether a batch has no rows: as it came, or since the steps of `model.preparation` have left nothing of it."""
    return parts[0] is not None and all(np.shape(array)[:1] == (0,) for array in leaves(parts, skip_none=True))
