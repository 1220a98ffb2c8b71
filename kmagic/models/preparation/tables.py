"""Columns of tables that are no numbers yet, or that a model should not see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import numpy as np

from kmagic.models.preparation.step import Array, Step, changed_at, is_missing

_DAY = np.timedelta64(1, "D")


class DropColumns(Step):
    """Tables without some of their columns.

    >>> DropColumns([1]).features(([[1, 2, 3]],))[0].tolist()
    [[1, 3]]
    """

    def __init__(self, columns: Sequence[int], input: int = 0) -> None:
        self.columns, self.input = list(columns), input

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs without the columns."""
        return changed_at(inputs, self.input, lambda array: _as_numbers(np.delete(array, self.columns, -1)))


class OneHotColumns(Step):
    """Text columns as columns of 0 and 1 behind the others, one for each of their `values`; unknown text gives zeros.

    >>> OneHotColumns([0], [["a", "b"]]).features(([["b", 3], ["c", 4]],))[0].tolist()
    [[3.0, 0.0, 1.0], [4.0, 0.0, 0.0]]
    """

    def __init__(self, columns: Sequence[int], values: Sequence[Sequence[Any]], input: int = 0) -> None:
        self.columns, self.input = list(columns), input
        self.values = [list(known) for known in values]

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs with numbers only."""
        return changed_at(inputs, self.input, self._one_hot)

    def _one_hot(self, array: Array) -> Array:
        parts = [_as_numbers(np.delete(array, self.columns, -1))]
        for column, known in zip(self.columns, self.values, strict=True):
            parts.append(np.stack([array[..., column] == value for value in known], -1).astype("float32"))
        return np.concatenate(parts, -1)


class CountDays(Step):
    """Dates as days since `origin`, divided by `scale`; the other columns as they are.

    >>> CountDays([0], "2024-01-01", 7.0).features((np.array([["2024-01-15"]], "datetime64[D]"),))[0].tolist()
    [[2.0]]
    """

    def __init__(self, columns: Sequence[int], origin: str, scale: float = 1.0, input: int = 0) -> None:
        self.columns, self.origin, self.scale, self.input = list(columns), origin, scale, input

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs with numbers only."""
        return changed_at(inputs, self.input, self._counted)

    def _counted(self, array: Array) -> Array:
        dates = as_dates(array[..., self.columns])
        days = (dates - np.datetime64(self.origin, "s")) / _DAY / self.scale
        if array.dtype.kind == "M":
            return np.asarray(days, "float32")
        result = array.astype(object)
        result[..., self.columns] = days
        return _as_numbers(result)


class ReplaceNumber(Step):
    """Another number where a column holds one that stands for what is missing.

    >>> ReplaceNumber(0, -999.0, 5.0).features(([[-999.0, 2.0], [1.0, -999.0]],))[0].tolist()
    [[5.0, 2.0], [1.0, -999.0]]
    """

    def __init__(self, column: int, number: float, by: float, input: int = 0) -> None:
        self.column, self.number, self.by, self.input = column, number, by, input

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs without the number."""
        return changed_at(inputs, self.input, self._replaced)

    def _replaced(self, array: Array) -> Array:
        result = array.astype(np.result_type(array.dtype, "float32"))
        column = result[..., self.column]
        column[column == self.number] = self.by
        return result


class ReadNumbers(Step):
    """Numbers that came as text or as Python objects, as numbers: of an input, or of the target of an output.

    >>> ReadNumbers().features(([["1.5", "2"]],))[0].tolist()
    [[1.5, 2.0]]
    """

    def __init__(self, input: int | None = 0, output: int | None = None) -> None:
        self.input, self.output = input, output

    def features(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs as numbers."""
        return inputs if self.input is None else changed_at(inputs, self.input, _read)

    def targets(self, targets: tuple[Any, ...]) -> tuple[Any, ...]:
        """The targets as numbers."""
        return targets if self.output is None else changed_at(targets, self.output, _read)


def as_dates(array: Array) -> Array:
    """Dates in seconds, of dates in any form; NaT where one is missing."""
    if array.dtype.kind == "M":
        return array.astype("datetime64[s]")
    seconds = [np.datetime64("NaT" if is_missing(value) else _as_utc(value), "s") for value in array.flat]
    return np.asarray(seconds, "datetime64[s]").reshape(array.shape)


def _as_utc(value: Any) -> Any:
    """A date as NumPy has it: without a zone, those of other zones in UTC."""
    return value.astimezone(UTC).replace(tzinfo=None) if getattr(value, "tzinfo", None) else value


def _read(array: Array) -> Array:
    return array.astype("float64")


def _as_numbers(array: Array) -> Array:
    """Objects as numbers where they all are such; what is left over stays for the next step."""
    if array.dtype.kind not in "OUS":
        return array
    try:
        return array.astype("float64")
    except (TypeError, ValueError):
        return array
