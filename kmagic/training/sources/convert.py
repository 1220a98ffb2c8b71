"""Anything that holds rows, as NumPy arrays of a dtype that programs take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.dtypes import NAMES
from kmagic.base.errors import BadData

Array = np.ndarray[Any, Any]


def as_array(data: Any, name: str) -> Array:
    """A NumPy array of an array, a list, a pandas object, or anything with `__dlpack__` or `__array__`.

    Lists of floats become floatx, so that they behave like typed arrays. `name` is used in errors.
    """
    array = _converted(data, name)
    if array.dtype == object or array.dtype.kind in "USOMm":
        raise _not_numbers(data, array, name)
    if array.dtype.name not in NAMES:
        raise BadData(
            f"{name} holds {array.dtype.name}", where="data", expected="whole numbers, floats or truth values"
        )
    if array.ndim == 0:
        raise BadData(f"{name} is a single number", where="data", expected="an array with one row a sample")
    if array.shape[0] == 0:
        raise BadData(f"{name} has 0 rows", where="data", expected="at least one row")
    return array


def _converted(data: Any, name: str) -> Array:
    if isinstance(data, np.ndarray):
        return np.asarray(data)  # a matrix or a memory map is an array like others
    if hasattr(data, "iloc"):
        return _from_pandas(data)
    if hasattr(data, "__array__"):
        return np.asarray(data)
    if hasattr(data, "__dlpack__"):
        return np.from_dlpack(data)
    if not isinstance(data, Sequence | int | float | complex):
        raise BadData(
            f"{name} is a {_titled(data)}",
            where="data",
            expected="an array: only the x of fit, evaluate and predict may give batches",
            fix=None if name == "x" else "batches of (x, y) or (x, y, sample_weight) in place of x",
        )
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise BadData(
            f"{name} has rows of different lengths", where="data", expected="rows of one length", fix="pad the rows"
        ) from error
    if isinstance(data, list | tuple) and array.dtype == np.float64:
        return array.astype(floatx())
    return array


def _titled(data: Any) -> str:
    """What gives batches or rows one after the other, in a word; asking NumPy for an array of it may never end."""
    return "generator" if isinstance(data, Iterator) else type(data).__name__


def _from_pandas(data: Any) -> Array:
    """A data frame as a table; text columns are named."""
    if hasattr(data, "columns"):
        text = [str(column) for column, kind in data.dtypes.items() if kind.kind not in "biuf"]
        if text:
            raise BadData(
                f"column {text[0]!r} holds {_content(data[text[0]])}"
                + (f" ({len(text)} such columns)" if len(text) > 1 else ""),
                where="data",
                expected="numbers in every column",
                fix="pandas.get_dummies(frame), or leave the column out",
            )
    return table_of(data)


def table_of(data: Any) -> Array:
    """A data frame or a series as an array: of numbers where there are only numbers and truth values, gaps as NaN."""
    kinds = {kind.kind for kind in data.dtypes} if hasattr(data, "columns") else {data.dtype.kind}
    if kinds <= set("biuf") and (len(kinds) > 1 or bool(data.isna().to_numpy().any())):
        # pandas makes objects of truth values beside numbers, and of whole numbers beside gaps
        return np.asarray(data.to_numpy(dtype="float64", na_value=np.nan))
    return np.asarray(data.to_numpy())


def _content(column: Any) -> str:
    """What a column holds that is no number, in a word."""
    return "dates" if column.dtype.kind in "Mm" else "text"


def _not_numbers(data: Any, array: Array, name: str) -> BadData:
    if array.dtype.kind in "US" or (array.size and isinstance(array.flat[0], str)):
        values = ", ".join(map(repr, sorted({str(value) for value in array.flat[:1000]})[:4]))
        return BadData(
            f"{name} holds text: {values}",
            where="data",
            expected="numbers",
            fix="names, y = numpy.unique(y, return_inverse=True)" if name == "y" else f"{name}.astype('float32')",
        )
    return BadData(f"{name} holds {array.dtype}", where="data", expected="numbers in every row")
