"""Where windows lie: sizes, strides and dilation on neighbouring axes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.shapes import Axis, Shape

Sizes = tuple[int, ...]
Cut = tuple[slice, ...]


def reach(kernel: int, dilation: int) -> int:
    """How many entries a window spans."""
    return (kernel - 1) * dilation + 1


@dataclass(frozen=True)
class Frame:
    """Windows on the axes from `axis` on, as many as `kernel` has sizes."""

    axis: int
    kernel: Sizes
    strides: Sizes
    dilation: Sizes

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> Frame:
        """The windows that a node's attributes tell of, whatever else these hold."""
        return cls(*(attributes[name] for name in ("axis", "kernel", "strides", "dilation")))

    @property
    def rank(self) -> int:
        """How many axes the windows run over."""
        return len(self.kernel)

    @property
    def inner(self) -> tuple[int, ...]:
        """The axes of a window's own entries in the array of all windows."""
        return tuple(range(self.axis + self.rank, self.axis + 2 * self.rank))

    @property
    def volume(self) -> int:
        """How many entries a window has."""
        return math.prod(self.kernel)

    @property
    def is_disjoint(self) -> bool:
        """Whether no entry belongs to two windows."""
        spans = map(reach, self.kernel, self.dilation)
        return all(stride >= span for stride, span in zip(self.strides, spans, strict=True))

    def counts(self, x: Shape) -> Shape:
        """How many windows an array of this shape has along each of the axes."""
        sizes = x[self.axis : self.axis + self.rank]
        return tuple(
            _count(size, reach(kernel, dilation), stride)
            for size, kernel, stride, dilation in zip(sizes, self.kernel, self.strides, self.dilation, strict=True)
        )

    def apart(self, x: Shape) -> Shape:
        """The shape of all windows: [lead, counts, kernel, rest]."""
        return (*x[: self.axis], *self.counts(x), *self.kernel, *x[self.axis + self.rank :])

    def pooled(self, x: Shape) -> Shape:
        """The shape of one value for each window."""
        return (*x[: self.axis], *self.counts(x), *x[self.axis + self.rank :])

    def cuts(self, counts: Sizes) -> Iterator[tuple[Sizes, Cut]]:
        """For each entry of a window its place there, and where it lies for all windows."""
        lead = (slice(None),) * self.axis
        for offsets in itertools.product(*map(range, self.kernel)):
            starts = [offset * dilation for offset, dilation in zip(offsets, self.dilation, strict=True)]
            ways = zip(starts, counts, self.strides, strict=True)
            yield offsets, (*lead, *(slice(a, a + (n - 1) * step + 1, step) for a, n, step in ways))


def _count(size: Axis, span: int, stride: int) -> Axis:
    if isinstance(size, int):
        if size < span:
            raise ShapeMismatch(f"an axis of {size} under a window of {span}", expected=f"at least {span} entries")
        return (size - span) // stride + 1
    if stride == 1:
        return size - (span - 1)
    found = shapes.exact_quotient(size - span, stride)
    if found is None:
        raise ShapeMismatch(
            f"steps of {stride} along an axis of unknown size", expected="a known size, or windows one entry apart"
        )
    return found + 1
