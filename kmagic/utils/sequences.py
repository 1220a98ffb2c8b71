"""Sequences of different lengths as one array."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.base.parameters import Count, bounded
from kmagic.base.shapes import written

Side = Literal["pre", "post"]


@bounded
def pad_sequences(
    sequences: Any,
    maxlen: Count | None = None,
    dtype: Any = "int32",
    padding: Side = "pre",
    truncating: Side = "pre",
    value: Any = 0.0,
) -> np.ndarray[Any, Any]:
    """Sequences in rows of one length: `maxlen`, or that of the longest.

    Shorter ones are filled with `value` on the side of `padding`, longer ones lose items on the side of `truncating`.

    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2).tolist()
    [[0, 1], [3, 4]]
    """
    rows = _rows(sequences)
    length = max(map(len, rows), default=0) if maxlen is None else maxlen
    inner = next((np.shape(row)[1:] for row in rows if len(row)), ())
    if isinstance(value, str) and np.dtype(dtype).kind not in "OU":
        raise BadValue(
            f"value is {value!r} and dtype {np.dtype(dtype)}", where="pad_sequences", fix="dtype=object for texts"
        )
    result = np.full((len(rows), length, *inner), value, dtype=dtype)
    for number, row in enumerate(rows):
        if not length or not len(row):
            continue
        kept: np.ndarray[Any, Any] = np.asarray(row[-length:] if truncating == "pre" else row[:length], dtype=dtype)
        if kept.shape[1:] != inner:
            raise ShapeMismatch(
                f"items of sequence {number} have shape {written(kept.shape[1:])}",
                where="pad_sequences",
                expected=f"{written(inner)}, as in the first one",
            )
        place = slice(length - len(kept), None) if padding == "pre" else slice(len(kept))
        result[number, place] = kept
    return result


def _rows(sequences: Any) -> list[Sequence[Any]]:
    if not isinstance(sequences, Iterable) or isinstance(sequences, str | bytes):
        raise BadType(f"`sequences` is {sequences!r}", where="pad_sequences", expected="a list of sequences")
    rows = list(sequences)
    for row in rows:
        if not hasattr(row, "__len__") or isinstance(row, str | bytes):
            raise BadValue(
                f"`sequences` must be a list of iterables. Found non-iterable: {row!r}",
                where="pad_sequences",
                fix="[[1, 2], [3]]",
            )
    return rows
