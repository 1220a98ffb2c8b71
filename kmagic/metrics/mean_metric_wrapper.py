from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from kmagic.base.errors import BadType, ShapeMismatch
from kmagic.base.registry import REGISTRIES
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.graph.masks import mask_of
from kmagic.graph.user_code import check_call, explained, is_own, place_of
from kmagic.losses.loss import Loss, align_ranks, as_float, as_labels
from kmagic.metrics.blocks import in_blocks
from kmagic.metrics.mean import Mean
from kmagic.metrics.weights import masked_weight


class MeanMetricWrapper(Mean):
    """The mean of a function of `(y_true, y_pred, **options)`, which gets its arguments as they are.

    Formula: Σ w·f(t, p) / Σ w

    Symbols: f: the function, t: target, p: prediction, w: weights
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **options: Any) -> None:
        super().__init__(name or _name_of(fn), dtype)
        self.fn, self.options = fn, options
        check_call(fn, "metric", ("y_true", "y_pred"), options)
        if str(getattr(fn, "__module__", "")).startswith("kmagic.losses") or isinstance(fn, Loss):
            self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take one batch into account."""
        mask = mask_of(y_pred)
        values = self.values(*self.prepared(y_true, y_pred))
        super().update_state(values, masked_weight(sample_weight, mask, self.dtype))

    def prepared(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Target and prediction as the function gets them."""
        return y_true, y_pred

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """One value per sample."""
        with explained(self.fn, "metric"):
            values = self.fn(y_true, y_pred, **self.options)
        if not is_own(self.fn):
            self._check(values, y_true, y_pred)
        return values

    def _check(self, values: Any, y_true: Any, y_pred: Any) -> None:
        """Raise where a user's function gave nothing, or paired every target with every prediction."""
        where = f"metric {place_of(self.fn)}"
        if values is None or isinstance(values, str | dict):
            raise BadType(f"returned {type(values).__name__}", where=where, expected="a value for each sample")
        shape, rows = ops.shape(values), [ops.shape(x)[:1] for x in (y_true, y_pred)]
        if len(shape) > 1 and rows[0] == rows[1] == shape[:1] == shape[1:2] != ops.shape(y_pred)[1:2]:
            raise ShapeMismatch(
                f"returned {written(shape)}",
                where=where,
                expected="a value for each sample",
                fix="y_true[:, None]" if len(ops.shape(y_true)) == 1 else None,
            )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The metric that `get_config` described; a function by name must be one of the package."""
        if isinstance(config.get("fn"), str):
            config = {**config, "fn": _found(config["fn"])}
        return cls(**config)


class AlignedMean(MeanMetricWrapper):
    """The mean of a function that gets floats of one rank: (n,) meets (n, 1) as it would in a loss.

    Formula: Σ w·f(t, p) / Σ w

    Symbols: f: the function, t: target, p: prediction, w: weights
    """

    integer_labels = False

    @in_blocks
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take one batch into account."""
        super().update_state(y_true, y_pred, sample_weight)

    def prepared(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Target and prediction in the metric's dtype and one rank."""
        y_pred = as_float(y_pred, self.dtype)
        y_true = as_labels(y_true) if self.integer_labels else as_float(y_true, self.dtype)
        return align_ranks(y_true, y_pred)


def _name_of(function: Any) -> str:
    return str(getattr(function, "name", None) or getattr(function, "__name__", "metric")).strip("<>")


def _found(name: str) -> Any:
    found = REGISTRIES["kmagic.metrics"].attribute(name)
    if isinstance(found, type):
        raise BadType(f"fn is {name!r}", where="MeanMetricWrapper", expected="a function")
    return found
