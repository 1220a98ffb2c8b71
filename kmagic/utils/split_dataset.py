"""Rows in two parts."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from kmagic.base.errors import BadData, BadType, BadValue
from kmagic.base.trees import is_nested, leaves, mapped

Size = int | float | None


def split_dataset(
    dataset: Any,
    left_size: Size = None,
    right_size: Size = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """Rows of an array, or of several in a tuple, list or dictionary, in two parts, such as for training and testing.

    Sizes are numbers of rows, or shares between 0 and 1; without one of them the other part is the rest. Both parts
    come in the form of `dataset`, so that `model.fit(*left, validation_data=right)` takes those of `(x, y)`.
    `preferred_backend` changes nothing: they are arrays.

    >>> left, right = split_dataset((np.arange(5), np.arange(5) ** 2), left_size=0.6)
    >>> [part.tolist() for part in left], [part.tolist() for part in right]
    ([[0, 1, 2], [0, 1, 4]], [[3, 4], [9, 16]])
    """
    arrays = _arrays(dataset)
    length = len(leaves(arrays)[0])
    left, right = _sizes(left_size, right_size, length)
    order = list(range(length))
    if shuffle:
        random.Random(seed).shuffle(order)
    parts = order[:left], order[-right:]
    return mapped(lambda array: array[parts[0]], arrays), mapped(lambda array: array[parts[1]], arrays)


def _arrays(dataset: Any) -> Any:
    """The arrays that are to be split, in their tree."""
    if not is_nested(dataset) and not hasattr(dataset, "__array__"):
        raise BadType(
            f"Unsupported dataset type: {type(dataset)}",
            where="split_dataset",
            expected="an array, or arrays in a tuple, a list or a dictionary",
        )
    given = leaves(dataset)
    if not given:
        raise BadData("Received an empty list dataset", where="split_dataset", expected="at least one array")
    for place, array in enumerate(given):
        if not hasattr(array, "__array__") or np.ndim(array) == 0:
            raise BadData(
                f"Received: {type(array)} at index {place}", where="split_dataset", expected="arrays with rows"
            )
        if len(array) != len(given[0]):
            raise BadData(
                f"arrays with different lengths: {len(given[0])} rows, and {len(array)} at index {place}",
                where="split_dataset",
                expected="equal numbers of rows",
            )
    return mapped(np.asarray, dataset)


def _sizes(left: Size, right: Size, length: int) -> tuple[int, int]:
    """How many rows the parts have."""
    if left is None and right is None:
        raise BadValue(
            "At least one of the `left_size` or `right_size` must be specified",
            where="split_dataset",
            fix="left_size=0.8",
        )
    for name, size in (("left_size", left), ("right_size", right)):
        _check_size(name, size, length)
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise BadValue(
            f"The sum of `left_size` and `right_size` is greater than 1: {left + right}", where="split_dataset"
        )
    first, second = (round(size * length) if isinstance(size, float) else size for size in (left, right))
    first = length - (second or 0) if first is None else first
    second = length - first if second is None else second
    if first + second > length or 0 in (first, second):
        raise BadValue(
            f"parts of {first} and {second} of {length} rows",
            where="split_dataset",
            expected=f"none that is empty, and a sum that should be smaller than the {length} rows, or as large",
        )
    return first, second


def _check_size(name: str, size: Size, length: int) -> None:
    if size is None:
        return
    if type(size) not in (int, float):
        raise BadType(f"`{name}` is {size!r}", where="split_dataset", expected="int or float or None")
    if not 0 < size < (1 if isinstance(size, float) else length):
        raise BadValue(
            f"`{name}` is {size}",
            where="split_dataset",
            expected=f"a positive integer smaller than {length}, or a float within the range `[0, 1]`",
        )
