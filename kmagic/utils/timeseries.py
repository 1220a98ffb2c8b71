"""Windows of a series, in batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.errors import BadData, BadType, BadValue
from kmagic.base.parameters import Count, bounded
from kmagic.utils.py_dataset import PyDataset

Array = np.ndarray[Any, Any]
_WHERE = "timeseries_dataset_from_array"


class TimeseriesDataset(PyDataset):
    """Batches of windows that begin at `starts`, of each the items at `offsets`, and the targets of their beginnings.

    With a generator the windows come in another order after each epoch.

    >>> windows = TimeseriesDataset(np.arange(10), None, np.array([0, 3]), np.array([0, 2]), 2, None)
    >>> windows[0].tolist()
    [[0, 2], [3, 5]]
    """

    is_ordered = True

    def __init__(
        self,
        data: Array,
        targets: Array | None,
        starts: Array,
        offsets: Array,
        batch_size: int | None,
        generator: np.random.RandomState | None,
    ) -> None:
        super().__init__()
        self.data, self.targets, self.starts, self.offsets = data, targets, starts, offsets
        self.batch_size, self.generator = batch_size, generator
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.starts) // (self.batch_size or 1))

    def __getitem__(self, index: int) -> Any:
        """The windows of one batch, and their targets; without a batch size a window alone."""
        if not 0 <= index < len(self):
            raise IndexError(f"batch {index} of {len(self)}")
        size = self.batch_size
        starts = self.starts[index] if size is None else self.starts[index * size : (index + 1) * size]
        windows = self.data[starts[..., None] + self.offsets]
        return windows if self.targets is None else (windows, self.targets[starts])

    def on_epoch_end(self) -> None:
        """Shuffle the windows."""
        if self.generator is not None:
            self.generator.shuffle(self.starts)


@bounded
def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: Count,
    sequence_stride: Count = 1,
    sampling_rate: Count = 1,
    batch_size: Count | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
) -> TimeseriesDataset:
    """Windows of `sequence_length` items out of a series, each `sampling_rate` items apart, in batches for `fit`.

    A window begins every `sequence_stride` items, from `start_index` to before `end_index`; `targets[i]` belongs to the
    window that begins at `data[i]`. Without targets a batch is windows alone. Batches come in the order of time, unless
    `shuffle` is chosen here.

    >>> windows = timeseries_dataset_from_array(np.arange(6), np.arange(6) * 10, sequence_length=3, batch_size=2)
    >>> x, y = windows[1]
    >>> x.tolist(), y.tolist()
    ([[2, 3, 4], [3, 4, 5]], [20, 30])
    """
    series, belonging = _series("data", data), None if targets is None else _series("targets", targets)
    _check_place("start_index", start_index, len(series), 0)
    _check_place("end_index", end_index, len(series), 1 + (start_index or 0))
    _check_place("sampling_rate", sampling_rate, len(series), 1)
    _check_place("sequence_stride", sequence_stride, len(series), 1)
    part = slice(start_index or 0, end_index)
    series = series[part]
    count = len(series) - (sequence_length - 1) * sampling_rate
    if belonging is not None:
        count, belonging = min(count, len(belonging)), belonging[part]
        count = min(count, len(belonging))
    if count < 1:
        raise BadValue(
            f"no window of {sequence_length} items fits into {len(series)}",
            where=_WHERE,
            expected=f"at least {(sequence_length - 1) * sampling_rate + 1} items, and a target",
        )
    starts, offsets = np.arange(0, count, sequence_stride), np.arange(sequence_length) * sampling_rate
    generator = np.random.RandomState(_checked(seed)) if shuffle else None
    return TimeseriesDataset(series, belonging, starts, offsets, batch_size, generator)


def _series(name: str, given: Any) -> Array:
    """The array of what has an item for each time."""
    expected, fix = "an array whose first axis is time", f"{name}=np.arange(100)"
    try:
        found = np.asarray(given)
    except ValueError as error:
        text = f"`{name}` has items of different shapes"
        raise BadData(text, where=_WHERE, expected=expected, fix=fix) from error
    if not found.ndim:
        raise BadData(f"`{name}` is {given!r}", where=_WHERE, expected=expected, fix=fix)
    return found


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _checked(seed: Any) -> int | None:
    """A seed that NumPy takes."""
    if seed is None:
        return None
    expected, fix = "a whole number from 0 to 4294967295, or None", "seed=1"
    if not _is_whole(seed):
        raise BadType(f"`seed` is {seed!r}", where=_WHERE, expected=expected, fix=fix)
    if not 0 <= seed < 2**32:
        raise BadValue(f"`seed` is {seed!r}", where=_WHERE, expected=expected, fix=fix)
    return int(seed)


def _check_place(name: str, value: Any, length: int, least: int) -> None:
    """Refuse what is no place in a series of this length."""
    if value is None:
        return
    if not _is_whole(value):
        expected = f"a whole number from {least} to {length - 1}, or None"
        raise BadType(f"`{name}` is {value!r}", where=_WHERE, expected=expected, fix=f"{name}={least}")
    if not least <= value < length:
        raise BadValue(
            f"`{name}` is {value}, and the length of the data {length}",
            where=_WHERE,
            expected=f"`{name}` must be {least} or higher, and lower than the length of the data",
        )
