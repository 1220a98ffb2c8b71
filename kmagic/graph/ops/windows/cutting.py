"""Rows of windows: all of them as a view, their sum back in place, and the same for one chosen entry of each.

The two of a pair are each other's transpose, so each is the other's gradient.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from kmagic.base.shapes import Shape
from kmagic.graph.ops.windows.frame import Frame, Sizes
from kmagic.graph.table import ops, primitive

Array = np.ndarray[Any, Any]


def windows_of(x: Array, **options: Any) -> Array:
    """A view of all windows."""
    frame = Frame(**options)
    lead, ways = x.strides[: frame.axis], x.strides[frame.axis : frame.axis + frame.rank]
    outer = tuple(way * step for way, step in zip(ways, frame.strides, strict=True))
    inner = tuple(way * step for way, step in zip(ways, frame.dilation, strict=True))
    strides = (*lead, *outer, *inner, *x.strides[frame.axis + frame.rank :])
    return as_strided(x, frame.apart(x.shape), strides, writeable=False)  # type: ignore[arg-type]


def targets(frame: Frame, out: Array, counts: Sizes) -> list[tuple[Any, Array]]:
    """For each entry of a window: where it lies in the array of all windows, and a view of it for all windows."""
    lead = (slice(None),) * (frame.axis + frame.rank)
    return [((*lead, *offsets), out[cut]) for offsets, cut in frame.cuts(counts)]


def _counts(frame: Frame, x: Array) -> Sizes:
    counts: Sizes = x.shape[frame.axis : frame.axis + frame.rank]
    return counts


def _overlapped(x: Array, sizes: Sizes, **options: Any) -> Array:
    frame = Frame(**options)
    out = np.zeros((*x.shape[: frame.axis], *sizes, *x.shape[frame.axis + 2 * frame.rank :]), x.dtype)
    for place, target in targets(frame, out, _counts(frame, x)):
        target += x[place]
    return out


def _first_places(x: Array, top: Array, **options: Any) -> Array:
    frame = Frame(**options)
    out = np.full(top.shape, frame.volume, _places_dtype(frame.kernel))
    for number, (_, entry) in reversed(list(enumerate(targets(frame, x, _counts(frame, top))))):
        np.copyto(out, out.dtype.type(number), where=entry == top)
    return out


def _sent(x: Array, places: Array, sizes: Sizes, **options: Any) -> Array:
    frame = Frame(**options)
    out = np.zeros((*x.shape[: frame.axis], *sizes, *x.shape[frame.axis + frame.rank :]), x.dtype)
    for number, (_, target) in enumerate(targets(frame, out, _counts(frame, x))):
        target += np.where(places == number, x, x.dtype.type(0))
    return out


def _taken(x: Array, places: Array, **options: Any) -> Array:
    frame = Frame(**options)
    out = np.zeros(places.shape, x.dtype)
    for number, (_, entry) in enumerate(targets(frame, x, _counts(frame, places))):
        np.copyto(out, entry, where=places == number)
    return out


def _places_dtype(kernel: Sizes) -> str:
    """What holds the number of any entry of a window, and one more."""
    return "uint8" if math.prod(kernel) < 256 else "int32"


def _sizes(x: Any, axis: int, kernel: Sizes) -> Shape:
    return tuple(x.shape[axis : axis + len(kernel)])


def _first_dtype(x: str, *others: str, **attributes: Any) -> str:
    return x


def _spread(shape: Shape, sizes: Shape, axis: int, skipped: int) -> Shape:
    return (*shape[:axis], *sizes, *shape[axis + skipped :])


@primitive(
    "window",
    numpy=windows_of,
    gradient=lambda g, y, x, **frame: (
        ops.rows["overlap"](g, sizes=_sizes(x, frame["axis"], frame["kernel"]), **frame),
    ),
    shape=lambda x, **frame: Frame(**frame).apart(x),
    compute=None,
)
def _windows(x: Any, /, axis: int, kernel: Sizes, strides: Sizes, dilation: Sizes) -> Any:
    """All windows over neighbouring axes from `axis` on: [lead, *axes, rest] -> [lead, *counts, *kernel, rest]."""


@primitive(
    "window",
    numpy=_overlapped,
    gradient=lambda g, y, x, sizes, **frame: (_windows(g, **frame),),
    shape=lambda x, sizes, axis, kernel, **rest: _spread(x, sizes, axis, 2 * len(kernel)),
    compute=None,
)
def _overlap(x: Any, /, sizes: Shape, axis: int, kernel: Sizes, strides: Sizes, dilation: Sizes) -> Any:
    """Windows added up where they lie: [lead, *counts, *kernel, rest] -> [lead, *sizes, rest]."""


@primitive(
    "window",
    numpy=_first_places,
    shape=lambda x, top, **frame: top,
    dtype=lambda x, top, kernel, **frame: _places_dtype(kernel),
    compute=None,
    smooth=False,
)
def _place_in_window(x: Any, top: Any, /, axis: int, kernel: Sizes, strides: Sizes, dilation: Sizes) -> Any:
    """The number of the first entry of each window that equals the value for it; past the last where none does."""


@primitive(
    "window",
    numpy=_sent,
    gradient=lambda g, y, x, places, sizes, **frame: (ops.rows["from_window"](g, places, **frame), None),
    shape=lambda x, places, sizes, axis, kernel, **rest: _spread(x, sizes, axis, len(kernel)),
    dtype=_first_dtype,
    compute=None,
)
def _into_window(
    x: Any, places: Any, /, sizes: Shape, axis: int, kernel: Sizes, strides: Sizes, dilation: Sizes
) -> Any:
    """One value for each window added at the entry of the window that `places` numbers; zeros elsewhere."""


@primitive(
    "window",
    numpy=_taken,
    gradient=lambda g, y, x, places, **frame: (
        _into_window(g, places, sizes=_sizes(x, frame["axis"], frame["kernel"]), **frame),
        None,
    ),
    shape=lambda x, places, **frame: places,
    dtype=_first_dtype,
    compute=None,
)
def _from_window(x: Any, places: Any, /, axis: int, kernel: Sizes, strides: Sizes, dilation: Sizes) -> Any:
    """The entry of each window that `places` numbers."""
