"""Batches of a stream as arrays that fit a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.errors import BadData, KmagicError
from kmagic.base.shapes import written
from kmagic.training.sources.ahead import Interrupted
from kmagic.training.sources.source import Block, Specs
from kmagic.training.sources.streams import Stream

Array = np.ndarray[Any, Any]
RowShape = Sequence[int | None]
_END = object()
_PADDED = "kmagic.utils.pad_sequences(rows, maxlen=100); of texts TextVectorization(output_sequence_length=100)"


class StreamBatches:
    """Batches as a stream gives them, each made into arrays by `convert`; those without rows are passed over.

    The first one is made at once, since programs are built for what it holds; the epoch that it belongs to, of at most
    `limit` batches, has begun then. Where an epoch comes `later`, the first batch of a stream that repeats is only
    looked at, and made again when it is needed. All others have to be like it, but for the number of rows; where rows
    of the arrays that `open_axes` names have another size along an axis (None in the shape of a row), all arrays may.
    `labels` are what errors call the arrays.
    """

    fixed = False

    def __init__(
        self,
        stream: Stream,
        convert: Callable[[Any], Sequence[Array]],
        limit: int | None = None,
        labels: Callable[[], Sequence[str]] = list,
        open_axes: Callable[[], Sequence[RowShape]] = list,
        later: bool = False,
    ) -> None:
        self._stream, self._convert, self._labels, self._open_axes = stream, convert, labels, open_axes
        self._interrupted: Callable[[], bool] = lambda: False
        self._arrays: list[Array] = []
        self._number = 0
        self._counted: int | None = None
        self._has_first = True
        try:
            self._begin(limit, later and stream.repeats)
            self._take_first()
        except BaseException:
            self.close()
            raise
        self.specs: Specs = tuple((array.shape[1:], standard(array.dtype)) for array in self._arrays)
        self._first = self.specs
        self.size = len(self._arrays[0])
        if later and stream.repeats:
            self._has_first, self._batches, self._number = False, iter(()), 0

    def _begin(self, limit: int | None, looks: bool) -> None:
        if looks:
            self._batches = self._stream.look()
            return
        self._stream.begin_epoch(limit, self._is_interrupted)
        self._batches = self._stream.run(0)

    def _take_first(self) -> None:
        if not self._next():
            raise BadData(
                f"the {self._stream.title} gives no batch", where="data", expected="at least one batch with rows"
            )

    def _is_interrupted(self) -> bool:
        return self._interrupted()

    @property
    def count(self) -> int | None:
        """How many batches a pass has, as the stream says or as the last one had."""
        count = self._stream.count
        return self._counted if count is None else count

    def begin_epoch(self, limit: int | None, interrupted: Callable[[], bool]) -> None:
        """An epoch starts; the one of a first batch that is there has begun already."""
        self._interrupted = interrupted
        if not self._has_first:
            self._stream.begin_epoch(limit, self._is_interrupted)

    def begin_pass(self, number: int) -> None:
        """Go back to the first batch, where the stream can; the pass of one that is there has begun already."""
        if not self._has_first:
            self._batches, self._number = self._stream.run(number), 0

    def next(self) -> int:
        """Make the next batch ready; 0 where there is none."""
        if self._has_first:
            self._has_first = False
            return self.size
        rows = self._next()
        if rows:
            self._check()
        return rows

    def _next(self) -> int:
        """Convert batches until one has rows."""
        while (batch := self._taken()) is not _END:
            try:
                self._arrays = list(self._convert(batch))
            except KmagicError as error:
                error.found = f"batch {self._number} of the {self._stream.title}: {error.found}"
                if not self._has_first:
                    error.fix = None  # it would be for all data
                raise
            if len(self._arrays[0]):
                return len(self._arrays[0])
            self._stream.pass_over()
        self._counted = self._number - 1
        return 0

    def _taken(self) -> Any:
        self._number += 1
        try:
            return next(self._batches, _END)
        except Interrupted:
            raise
        except Exception as error:
            error.add_note(f"while batch {self._number} of the {self._stream.title} was taken")
            raise

    def _check(self) -> None:
        shapes = [array.shape[1:] for array in self._arrays]
        has_other = shapes != [shape for shape, _ in self._first] and self._may_be(shapes)
        for place, (array, (shape, dtype)) in enumerate(zip(self._arrays, self._first, strict=True)):
            is_other = array.ndim != len(shape) + 1 if has_other else array.shape[1:] != shape
            if is_other or not _fits(array.dtype, np.dtype(dtype)):
                raise BadData(
                    f"{self._labels()[place]} of batch {self._number} of the {self._stream.title} has rows of "
                    f"{_described(array.shape[1:], array.dtype)}",
                    where="data",
                    expected=f"{_described(shape, np.dtype(dtype))}, as in the first batch",
                    fix=_PADDED if array.dtype.kind in "iu" and array.shape[1:] != shape and array.ndim == 2 else None,
                )

        specs = tuple((shape, dtype) for shape, (_, dtype) in zip(shapes, self._first, strict=True))
        if specs != self.specs:
            self.specs = specs

    def _may_be(self, shapes: Sequence[tuple[int, ...]]) -> bool:
        """Whether rows differ from those of the first batch along axes that are open."""
        for wanted, shape, (first, _) in zip(self._open_axes(), shapes, self._first, strict=False):
            pairs = zip(wanted, shape, first, strict=True) if len(wanted) == len(shape) == len(first) else ()
            if any(size is None and one != other for size, one, other in pairs):
                return True
        return False

    def read(self, out: Sequence[Array]) -> None:
        """Copy the batch that is ready into `out`."""
        for array, target in zip(self._arrays, out, strict=True):
            np.copyto(target, array, casting="same_kind")

    def several(self, limit: int) -> Block | None:
        """None: each batch is asked for."""
        return None

    def end_epoch(self) -> None:
        """The epoch is over."""
        self._stream.end_epoch()

    def close(self) -> None:
        """Let workers and the user's objects go."""
        self._stream.close()
        self._batches, self._arrays = iter(()), []


def _fits(found: np.dtype[Any], wanted: np.dtype[Any]) -> bool:
    """Whether numbers of one dtype may be put where those of another go: not if whole numbers could change."""
    if found.kind in "iu" and wanted.kind in "iub":
        return np.can_cast(found, wanted, "safe")
    return np.can_cast(found, wanted, "same_kind")


def _described(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    return f"shape {written(shape)} and dtype {dtype}"
