"""The base of metrics of overlap: a table of target classes against predicted ones, and what is read off it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kmagic.base.config import epsilon
from kmagic.base.dtypes import SIGNED, standard
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import size, written
from kmagic.graph.load import ops
from kmagic.graph.ops.indexing import scatter_add
from kmagic.metrics.blocks import in_blocks
from kmagic.metrics.metric import Metric

_ABSENT = 1e-9  # a class that covers less than this takes no part in the mean


class OverlapMetric(Metric):
    """Intersections over unions of classes; what lies outside of 0 … num_classes − 1 does not count.

    As in Keras the table holds whole numbers unless a dtype is given, so that weights lose their fractions, and the
    result is computed in float32.
    """

    _direction = "up"
    ignore_class: int | None = None
    sparse_y_true = True
    sparse_y_pred = True
    axis = -1

    def start(self, num_classes: int, target_class_ids: Iterable[int], name: str | None, dtype: Any) -> None:
        """Take the arguments that all of these have."""
        super().__init__(dtype or "int32", name)
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        outside = [number for number in self.target_class_ids if not 0 <= number < num_classes]
        if outside:
            raise BadValue(
                f"Target class id {outside[0]} is out of range",
                where=type(self).__name__,
                expected=f"0 … {num_classes - 1}",
            )
        self.total_cm = self.add_variable((num_classes, num_classes), name="total_confusion_matrix")

    @in_blocks
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count in one batch."""
        target, said = self._classes(y_true, self.sparse_y_true), self._classes(y_pred, self.sparse_y_pred)
        if size(ops.shape(target)) != size(ops.shape(said)):
            raise ShapeMismatch(
                f"{written(ops.shape(target))} target and {written(ops.shape(said))} predicted classes",
                where=f"metric {self.name}",
                expected="equally many",
                fix="sparse_y_pred=False for scores" if self.sparse_y_pred and self.sparse_y_true else None,
            )
        # a last row and column take what lies outside; without a sign what is negative is large
        wide = self.num_classes + 1
        cells = self._held(_flat(target)) * wide + self._held(_flat(said))
        weight = self._weights(sample_weight, ops.shape(target))
        counted = scatter_add(weight, cells, axis=0, size=wide * wide)
        inner = (slice(0, -1), slice(0, -1))
        table = ops.getitem(ops.reshape(counted, (wide, wide)), inner)
        if self.ignore_class is not None and 0 <= self.ignore_class < self.num_classes:
            kept = np.ones((self.num_classes, 1), self.dtype)
            kept[self.ignore_class] = 0
            table = table * kept
        self.total_cm.assign_add(table)

    def result(self) -> Any:
        """The mean overlap of the classes that occur, 0 where none does."""
        table = self.total_cm.value
        ids = np.asarray(self.target_class_ids, "int32")
        hits = ops.sum(table * np.eye(self.num_classes, dtype=self.dtype), axis=0)
        union = ops.sum(table, axis=0) + ops.sum(table, axis=1) - hits
        hits, union = (ops.cast(ops.take(x, ids, axis=0), "float32") for x in (hits, union))
        occurs = union > _ABSENT
        overlap = ops.where(occurs, hits / (union + np.float32(epsilon())), 0)
        return ops.sum(overlap) / (ops.sum(ops.cast(occurs, "float32")) + np.float32(epsilon()))

    def _classes(self, x: Any, sparse: bool) -> Any:
        """Class numbers, those of scores being where the largest lies."""
        given = x if hasattr(x, "dtype") else np.asarray(x)
        if not sparse:
            return ops.argmax(given, axis=self.axis)
        # as in Keras a table of whole numbers cuts fractions off
        return given if standard(given.dtype) in SIGNED else ops.cast(ops.cast(given, self.dtype), "int32")

    def _held(self, numbers: Any) -> Any:
        """Class numbers, and num_classes for whatever is outside."""
        if standard(numbers.dtype) == "int64":
            numbers = ops.clip(numbers, -1, self.num_classes)
        return ops.minimum(ops.cast(numbers, "uint32"), self.num_classes)

    def _weights(self, sample_weight: Any, shape: Any) -> Any:
        """A weight for each class number, in the dtype of the table; that of a row is that of each in it."""
        if sample_weight is None:
            return ops.broadcast_to(ops.ones((1,), self.dtype), (size(shape),))
        given = sample_weight if hasattr(sample_weight, "dtype") else np.asarray(sample_weight)
        weight = ops.cast(given, self.dtype)
        own = ops.shape(weight)
        if size(own) == size(shape):
            return _flat(weight)
        while len(ops.shape(weight)) < len(shape) and own:
            weight = ops.expand_dims(weight, -1)
        return _flat(ops.broadcast_to(weight, shape))


def _flat(x: Any) -> Any:
    """The elements one after the other."""
    return ops.reshape(x, (size(ops.shape(x)),))
