from __future__ import annotations

import warnings
from typing import Annotated, Any, Literal

import numpy as np

from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Bound
from kmagic.base.shapes import size, written
from kmagic.graph import trace
from kmagic.graph.load import ops
from kmagic.graph.ops.source import number_of
from kmagic.graph.variable import Variable
from kmagic.losses.loss import align_ranks, as_float
from kmagic.metrics import registry
from kmagic.metrics.blocks import in_blocks
from kmagic.metrics.metric import Metric

_SUMS = ("squared_sum", "sum", "residual", "count")


@registry.register("r2", tags=("regression",), shapes="[batch n], [batch n] -> [*n]")
class R2Score(Metric):
    """Share of the variance of targets that predictions explain; 1 is perfect, 0 is as good as the mean.

    Formula: 1 − Σ w·(t − p)² / Σ w·(t − t̄)², for each column, then averaged

    Symbols: t: target, p: prediction, w: weight, 1 by default, t̄: weighted mean of t

    Shapes: [batch n], [batch n] -> [*n]

    Example:

    >>> m = R2Score()
    >>> m.update_state([[1.0], [2.0], [3.0]], [[1.0], [2.0], [4.0]]); float(m.result())
    0.5
    """

    _direction = "up"
    squared_sum: Variable
    sum: Variable
    residual: Variable
    count: Variable

    def __init__(
        self,
        class_aggregation: Literal["uniform_average", "variance_weighted_average"] | None = "uniform_average",
        num_regressors: Annotated[int, Bound(at_least=0, whole=True)] = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable(name="num_samples")

    @in_blocks
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take one batch into account; sample_weight is one number a row, or one for each element."""
        target, prediction = align_ranks(as_float(y_true, self.dtype), as_float(y_pred, self.dtype))
        shape = ops.shape(target)
        if len(shape) != 2 or shape != ops.shape(prediction):
            raise ShapeMismatch(
                f"target {written(shape)} and prediction {written(ops.shape(prediction))}",
                where=f"metric {self.name}",
                expected="2D inputs of equal shape (batch_size, output_dim)",
            )
        self.remake_variables((shape[1],), _SUMS)
        error = ops.square(target - prediction)
        squares, values = ops.square(target), target
        counted: Any = number_of(shape[0], self.dtype)
        if sample_weight is not None:
            weight = as_float(sample_weight, self.dtype)
            weight = ops.expand_dims(weight, 1) if len(ops.shape(weight)) == 1 else weight
            weight = ops.broadcast_to(weight, shape)
            values, squares, error = target * weight, squares * weight, error * weight
            counted = ops.sum(weight, axis=0)
        self.sum.assign_add(ops.sum(values, axis=0))
        self.squared_sum.assign_add(ops.sum(squares, axis=0))
        self.residual.assign_add(ops.sum(error, axis=0))
        self.count.assign_add(counted)
        # Keras counts elements here, not rows
        self.num_samples.assign_add(number_of(size(shape), self.dtype))

    def result(self) -> Any:
        """The score: one for each column or their average; not a number before anything was seen."""
        if not hasattr(self, "squared_sum"):
            return np.asarray(np.nan, self.dtype)
        # through operations, which give what is no number without a warning
        variance = ops.subtract(self.squared_sum, ops.multiply(self.sum, ops.divide(self.sum, self.count)))
        scores = ops.subtract(1.0, ops.divide(self.residual, variance))
        scores = ops.where(ops.isinf(scores), 0, scores)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation is not None:
            scores = ops.divide(ops.sum(ops.multiply(variance, scores)), ops.sum(variance))
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, scores: Any) -> Any:
        """Scores with a price for each regressor, where there are samples enough."""
        left = self.num_samples.value - self.num_regressors - 1
        if not trace.current() and left <= 0:
            warnings.warn(
                f"R2Score: {self.num_regressors} regressors need more than {self.num_regressors + 1} values; "
                "the standard score is given",
                stacklevel=3,
            )
        price = (self.num_samples.value - 1) / ops.where(left > 0, left, 1)
        return ops.where(left > 0, 1 - (1 - scores) * price, scores)
