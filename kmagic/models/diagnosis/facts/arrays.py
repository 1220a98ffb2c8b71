"""What rules know of one array: shape, kind, ranges, non-finite values, classes; gathered in one bounded pass.

The pass reads blocks that stay in the cache and takes their minimum and maximum, which NaN and infinity survive, so
that only blocks in which there are some are searched. Ranges, non-finite values and whole numbers are exact at any
size. Mean, deviation and values come from evenly spaced rows, and are exact where the array is small. Chosen because
a gigabyte of float32 takes a quarter of a second so, and four when every fact looks at every number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from kmagic.models.preparation.step import is_missing
from kmagic.training.sources import table_of

Array = np.ndarray[Any, Any]

SAMPLE_ROWS = 1 << 16
_SAMPLE_SIZE = 1 << 22  # numbers in a sample at most, where rows are long
_BLOCK = 1 << 17  # numbers in a block: with its temporaries inside a second-level cache
_LANE = 1 << 12  # numbers that are compared side by side: as many whole rows as fit in
_MOST_COLUMNS = 1 << 16
_MOST_VALUES = 1000
_COUNTED = 1 << 22  # numbers that are counted one by one; of more, those of the sample
_KEYED = 1 << 24  # numbers that are looked at for equal rows: a tenth of a second
_LOOKED_AT = 2000  # rows and columns that tell how many different numbers there are
_FEW = 10  # distinct numbers of a column in which rows are often equal by chance
_KINDS = {"f": "float", "i": "int", "u": "int", "b": "bool", "U": "text", "S": "text"}


@dataclass(frozen=True)
class ColumnFacts:
    """One number for each index of the last axis; non-finite values are left out."""

    low: Array
    high: Array
    mean: Array
    std: Array


@dataclass(frozen=True)
class ArrayFacts:
    """The facts of one array.

    `low`, `high` and `is_whole` leave non-finite values out. `bad` is the index of the first non-finite (or missing)
    value. `values` counts the distinct values of one column, of all rows where `counts_all_rows`.
    """

    name: str
    array: Array | None
    shape: tuple[int, ...] = ()
    dtype: str = ""
    kind: str = "none"
    low: float | None = None
    high: float | None = None
    columns: ColumnFacts | None = None
    column_names: tuple[str, ...] = ()
    bad: tuple[int, ...] | None = None
    bad_count: int = 0
    is_whole: bool = False
    values: dict[Any, int] | None = None
    counts_all_rows: bool = True

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.shape[0] if self.shape else 0

    @property
    def is_rows_of(self) -> int | None:
        """How many columns a table of two axes has."""
        return self.shape[1] if len(self.shape) == 2 else None

    @property
    def is_number(self) -> bool:
        """Whether there are numbers or truth values in it."""
        return self.kind in ("float", "int", "bool")

    @cached_property
    def column(self) -> Array | None:
        """The array as one column, where it is one."""
        there = self.array is not None and self.rows and self.array.size == self.rows
        return self.array.reshape(self.rows) if there and self.array is not None else None

    @cached_property
    def row_keys(self) -> Array | None:
        """A number for each row, equal for rows that are equal in float32; None where it would take long."""
        if not self.is_number or self.array is None or not self.rows or not 0 < self.array.size <= _KEYED:
            return None
        if self.bad_count or max(abs(self.low or 0.0), abs(self.high or 0.0)) > float(np.finfo("float32").max):
            return None  # NaN and infinity are not equal to each other
        return _keys(self.array)

    @cached_property
    def distinctness(self) -> float:
        """The logarithm of how many rows the columns could make, as far as they hold more than a few numbers."""
        if not self.is_number or not self.rows or not self.sample.size:
            return 0.0
        rows = self.sample[:_LOOKED_AT]
        ordered = np.sort(rows.reshape(len(rows), -1)[:, :_LOOKED_AT], axis=0)
        distinct = 1 + np.count_nonzero(ordered[1:] != ordered[:-1], axis=0)
        return float(np.log(distinct[distinct > _FEW]).sum())

    @cached_property
    def sample(self) -> Array:
        """Evenly spaced rows: all of a small array."""
        return np.empty(0) if self.array is None else _sampled(self.array)

    @cached_property
    def is_one_hot(self) -> bool:
        """Whether each row along the last axis holds a single 1 among zeros; of a large array the sample is asked."""
        if not self.is_number or len(self.shape) < 2 or self.shape[-1] < 2 or self.bad_count:
            return False
        if (self.low, self.high) != (0, 1) or not (self.is_whole and self.array is not None):
            return False
        asked = self.array if self.array.size <= _COUNTED else self.sample
        return bool((np.count_nonzero(asked, -1) == 1).all())

    def column_title(self, number: int) -> str:
        """How a message calls a column: by the name that the user gave it, where there is one."""
        return f"column {self.column_names[number]!r}" if self.column_names else f"column {number}"


def _keys(array: Array) -> Array:
    """Sums of each row's bits, mixed and multiplied by odd numbers, which differ for each place in the row."""
    size = array.size // len(array)
    factors = np.random.default_rng(0).integers(0, 1 << 63, size, dtype="uint64") * np.uint64(2) + np.uint64(1)
    keys = np.empty(len(array), "uint64")
    step = max(1, _BLOCK // size)
    for start in range(0, len(array), step):
        with np.errstate(over="ignore"):  # + 0 makes one zero of both
            block = array[start : start + step].reshape(-1, size).astype("float32") + np.float32(0)
        bits = block.view("uint32").astype("uint64")
        bits ^= bits << np.uint64(29)
        keys[start : start + step] = np.einsum("ij,j->i", bits, factors)
    return keys


def gather(data: Any, name: str) -> ArrayFacts:
    """The facts of an array, a list, a table of pandas or whatever else a user gave; it never raises.

    >>> facts = gather([[0.0, 5.0], [2.0, float("nan")]], "x")
    >>> facts.kind, facts.low, facts.high, facts.bad, facts.columns.mean.tolist()
    ('float', 0.0, 5.0, (1, 1), [1.0, 5.0])
    """
    if data is None:
        return ArrayFacts(name, None)
    array = _as_array(data)
    if array is None:
        return ArrayFacts(name, None, kind="object")
    titles = tuple(map(str, data.columns)) if hasattr(data, "columns") and hasattr(data, "iloc") else ()
    facts = ArrayFacts(name, array, array.shape, str(array.dtype), _kind_of(array), column_names=titles)
    if not array.size or not array.ndim:
        return facts
    return _with_numbers(facts, array) if facts.is_number else _with_objects(facts, array)


# ---- what it is ----


def _as_array(data: Any) -> Array | None:
    """An array of what can be had as one without asking for every row alone; None of anything else."""
    if isinstance(data, np.ndarray):
        return data.view(np.ndarray)
    try:
        if hasattr(data, "iloc"):
            return table_of(data)
        if hasattr(data, "__array__"):
            return np.asarray(data)
        if hasattr(data, "__dlpack__"):
            return np.from_dlpack(data)
        if isinstance(data, list | tuple | range | int | float | str):
            return _of_list(data)
    except (TypeError, ValueError, RuntimeError, BufferError):
        return None
    return None


def _of_list(data: Any) -> Array:
    try:
        return np.asarray(data)
    except (ValueError, OverflowError):  # rows of different lengths, numbers of any length
        array = np.empty(len(data), object)
        array[:] = data
        return array


def _kind_of(array: Array) -> str:
    if array.dtype.kind != "O" or not array.size:
        return _KINDS.get(array.dtype.kind, "object")
    there = [value for value in _sampled(array).flat if not is_missing(value)]
    return "text" if there and all(isinstance(value, str) for value in there) else "object"


def _sampled(array: Array) -> Array:
    """At most `SAMPLE_ROWS` evenly spaced rows, fewer where rows are long."""
    if not array.ndim or not array.size:
        return array
    most = max(1, min(SAMPLE_ROWS, _SAMPLE_SIZE * array.shape[0] // array.size))
    if array.shape[0] <= most:
        return array
    return np.asarray(array[np.linspace(0, array.shape[0] - 1, most).astype(np.intp)])


# ---- numbers ----


@dataclass
class _Scan:
    """What the pass over numbers has seen so far: ranges of columns, and where numbers are not finite."""

    low: Array
    high: Array
    is_whole: bool
    bad: tuple[int, ...] | None = None
    bad_count: int = 0

    def see(self, block: Array, start: int) -> None:
        """Take in the rows that begin with the row of this number."""
        low, high = self._range(np.minimum, np.maximum, block, block)
        finite = None
        if block.dtype.kind == "f" and not (np.isfinite(low).all() and np.isfinite(high).all()):
            finite = np.isfinite(block)
            self._search(finite, start)
            low, high = self._range(np.fmin, np.fmax, block, block)  # passes over NaN
            if np.isinf(low).any() or np.isinf(high).any():
                low, high = self._range(
                    np.fmin, np.fmax, np.where(finite, block, np.inf), np.where(finite, block, -np.inf)
                )
        self.low, self.high = np.fmin(self.low, low), np.fmax(self.high, high)
        if self.is_whole and block.dtype.kind == "f":
            usable = block if finite is None else block[finite]
            self.is_whole = bool((np.trunc(usable) == usable).all())

    def _range(self, smaller: Any, larger: Any, lows: Array, highs: Array) -> tuple[Array, Array]:
        return _extreme(smaller, lows, self.low.size), _extreme(larger, highs, self.high.size)

    def _search(self, finite: Array, start: int) -> None:
        self.bad_count += finite.size - int(np.count_nonzero(finite))
        if self.bad is None:
            place = np.unravel_index(int(np.argmin(finite)), finite.shape)
            self.bad = (int(place[0]) + start, *(int(index) for index in place[1:]))


def _with_numbers(facts: ArrayFacts, array: Array) -> ArrayFacts:
    numbers = array.view(np.uint8) if array.dtype == bool else array
    count = _columns_of(numbers)
    scan = _Scan(np.full(count or 1, np.inf), np.full(count or 1, -np.inf), is_whole=True)
    for start, block in _blocks(numbers, count or 1):
        scan.see(block, start)
    low, high = float(scan.low.min()), float(scan.high.max())
    seen = replace(facts, bad=scan.bad, bad_count=scan.bad_count, is_whole=scan.is_whole)
    if low > high:  # not one finite value
        return replace(seen, is_whole=False)
    counts_all = array.size <= _COUNTED
    return replace(
        seen,
        low=low,
        high=high,
        columns=_described(scan, facts.sample.view(numbers.dtype)) if count else None,
        values=_counted(array if counts_all else facts.sample, facts.sample) if count == 1 else None,
        counts_all_rows=counts_all,
    )


def _columns_of(array: Array) -> int | None:
    """The size of the last axis where rows are more than numbers; None if it is too long to be told apart."""
    columns = array.shape[-1] if array.ndim > 1 else 1
    return columns if columns <= _MOST_COLUMNS else None


def _blocks(array: Array, columns: int) -> Iterator[tuple[int, Array]]:
    """Contiguous rows that fit into the cache, with the number of the first."""
    size = array.size // array.shape[0]
    step = max(1, _BLOCK // size)
    lane = max(1, _LANE // columns)
    if size == columns and step > lane:
        step -= step % lane  # no block but the last has a remainder
    for start in range(0, array.shape[0], step):
        yield start, np.ascontiguousarray(array[start : start + step])


def _extreme(function: Any, block: Array, columns: int) -> Array:
    """The smallest or largest of each column; many rows are compared side by side, as wide as processors like it."""
    flat = block.reshape(-1)
    lane = max(1, _LANE // columns) * columns
    whole = flat.size - flat.size % lane
    found = [function.reduce(flat[whole:].reshape(-1, columns), axis=0)] if whole < flat.size else []
    if whole:
        side_by_side = function.reduce(flat[:whole].reshape(-1, lane), axis=0)
        found.append(function.reduce(side_by_side.reshape(-1, columns), axis=0))
    result: Array = found[0] if len(found) == 1 else function(*found)
    return result


def _described(scan: _Scan, sample: Array) -> ColumnFacts:
    """Ranges of all rows, and mean and deviation of the sample, in float64."""
    columns = scan.low.size
    empty = scan.low > scan.high
    low, high = (np.where(empty, np.nan, found) for found in (scan.low, scan.high))
    total, count = np.zeros(columns), np.zeros(columns)
    for block, finite in _exact_blocks(sample, columns, bool(scan.bad_count)):
        total += block.sum(0)
        count += finite
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    squares = np.zeros(columns)
    shift = np.where(count > 0, mean, 0.0)
    for block, _ in _exact_blocks(sample, columns, bool(scan.bad_count), shift):
        with np.errstate(over="ignore"):
            squares += np.einsum("ij,ij->j", block, block)
    return ColumnFacts(low, high, mean, np.sqrt(squares / np.where(count > 0, count, np.nan)))


def _exact_blocks(sample: Array, columns: int, has_bad: bool, shift: Any = 0.0) -> Iterator[tuple[Array, Any]]:
    """Blocks of a sample as float64 less a shift, non-finite values as 0; with how many of each column count."""
    for _, block in _blocks(sample, columns):
        exact = block.reshape(-1, columns).astype(np.float64)
        finite = np.isfinite(exact) if has_bad else None
        exact -= shift
        if finite is None:
            yield exact, len(exact)
        else:
            yield np.where(finite, exact, 0.0), finite.sum(0)


# ---- values ----


def _counted(array: Array, sample: Array) -> dict[Any, int] | None:
    """How often each distinct value occurs, by value; None where there are too many."""
    if len(np.unique(sample[np.isfinite(sample)])) > _MOST_VALUES:
        return None
    counts: Counter[Hashable] = Counter()
    for _, block in _blocks(array, 1):
        values, numbers = np.unique(block[np.isfinite(block)], return_counts=True)
        counts.update(dict(zip(values.tolist(), numbers.tolist(), strict=True)))
        if len(counts) > _MOST_VALUES:
            return None
    return dict(sorted(counts.items()))


def _with_objects(facts: ArrayFacts, array: Array) -> ArrayFacts:
    """What can be told of text and other objects: what is missing, and the distinct texts of one column."""
    counts_all = array.size <= _COUNTED // 4
    asked = array if counts_all else facts.sample
    seen = replace(facts, counts_all_rows=counts_all)
    if array.dtype.kind == "O":
        missing = np.fromiter((is_missing(value) for value in asked.flat), bool, asked.size).reshape(asked.shape)
        if missing.any():
            place = tuple(int(index) for index in np.argwhere(missing)[0])
            seen = replace(seen, bad=place if counts_all else None, bad_count=int(missing.sum()))
    if facts.kind != "text" or array.size != array.shape[0]:
        return seen
    counts = Counter(str(value) for value in asked.flat if not is_missing(value))
    return replace(seen, values=dict(sorted(counts.items())) if len(counts) <= _MOST_VALUES else None)
