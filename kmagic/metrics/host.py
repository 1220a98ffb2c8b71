"""Metrics that cannot be part of a program: they are updated in Python between the steps, with one notice."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import TraceError, Unsupported
from kmagic.graph import trace
from kmagic.graph.eager import origin
from kmagic.graph.symbol import Symbol
from kmagic.graph.user_code import explained
from kmagic.metrics.mean_metric_wrapper import MeanMetricWrapper
from kmagic.metrics.metric import Metric


class HostMetric(Metric):
    """A metric that is updated with arrays, after each step of a program that it cannot be part of."""

    left_behind: tuple[str, ...] = ("metric",)

    def __init__(self, metric: Metric) -> None:
        super().__init__(metric.dtype, metric.name)
        self.metric = metric

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take the arrays of one batch into account."""
        weight = {} if sample_weight is None else {"sample_weight": np.asarray(sample_weight)}
        with trace.not_tracing(), explained(type(self.metric).update_state, "metric"):
            self.metric.update_state(np.asarray(y_true), np.asarray(y_pred), **weight)

    def _holding(self, values: Sequence[Any], action: Callable[[], Any]) -> Any:
        """On the variables themselves, since the metric takes no symbols; those made inside hold 0 afterwards."""
        before = {variable: variable.numpy() for variable in self.variables}
        try:
            for variable, value in zip(before, values, strict=True):
                variable.assign(value)
            return action()
        finally:
            for variable in self.variables:
                variable.assign(before.get(variable, np.zeros(variable.shape, variable.dtype)))

    def result(self) -> Any:
        """The value over everything seen since the last reset."""
        with explained(type(self.metric).result, "metric"):
            return self.metric.result()

    def reset_state(self) -> None:
        """Forget everything."""
        self.metric.reset_state()


def settle(metric: Metric, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Metric:
    """`metric` itself where its update can be traced with such symbols, else one that runs in Python, with a notice.

    What is wrong whichever way it runs raises here, with the line of the user's code.
    """
    before = {name: _copied(value) for name, value in vars(metric).items()}
    weight = {} if sample_weight is None else {"sample_weight": sample_weight}
    try:
        with (
            trace.tracing(trace.current()),
            origin(layer=f"metric {metric.name}"),
            explained(type(metric).update_state, "metric"),
        ):
            metric.update_state(y_true, y_pred, **weight)
        reason = _kept_in_python(metric, before)
    except Exception as error:
        reason = _refusal(error)
        if not reason and not _works_on_arrays(metric, y_true, y_pred):
            raise
        reason = reason or "it does not take symbols"
    if not reason:
        return metric
    vars(metric).clear()
    vars(metric).update(before)
    warnings.warn(
        f"metric {metric.name} runs in Python after every step, outside of the compiled program: {reason}",
        stacklevel=2,
    )
    return HostMetric(metric)


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict | set) else value


def _refusal(error: BaseException | None) -> str:
    """Why a symbol refused, if that is what is behind an error."""
    while error is not None:
        if isinstance(error, TraceError | Unsupported):
            return f"{error.found}, {error.where}"
        if isinstance(error, AttributeError) and isinstance(getattr(error, "obj", None), Symbol):
            return f"it uses .{error.name}" if hasattr(np.ndarray, str(error.name)) else ""
        error = error.__cause__ or error.__context__
    return ""


def _kept_in_python(metric: Metric, before: dict[str, Any]) -> str:
    """What an update changed without a variable, which a program would not repeat."""
    for name, value in vars(metric).items():
        if any(isinstance(item, Symbol) for item in _members(value)):
            return f"it keeps batches in self.{name}"
        counts = isinstance(value, int | float) and not isinstance(value, bool)
        if counts and name in before and before[name] != value:
            return f"it counts in self.{name}, which is no variable"
    return ""


def _members(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    yield from value if isinstance(value, list | tuple) else (value,)


def _works_on_arrays(metric: Metric, y_true: Any, y_pred: Any) -> bool:
    """Whether a function takes arrays; metrics with a state are not tried, since that could leave traces in them."""
    if type(metric) is not MeanMetricWrapper:
        return False
    try:
        metric.fn(*(_small(symbol) for symbol in (y_true, y_pred)), **metric.options)
    except Exception:
        return False
    return True


def _small(symbol: Any) -> Any:
    """Two rows of zeros and ones in place of a symbol."""
    shape = shapes.bind(symbol.shape, {"batch": 2})
    return (np.arange(int(np.prod(shape))) % 2).reshape(shape).astype(symbol.dtype)
