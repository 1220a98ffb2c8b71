"""The base of metrics: variables, how they are updated, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base import registry as registries
from kmagic.base.dtypes import standard
from kmagic.base.parameters import bounded
from kmagic.base.parts import Part, camel, constructor_of, options_of, snake
from kmagic.base.registry import Entry
from kmagic.graph.eager import origin
from kmagic.graph.load import ops
from kmagic.graph.ops.source import number_of
from kmagic.graph.trace import not_tracing
from kmagic.graph.variable import Variable
from kmagic.losses.loss import align_ranks, as_float, as_labels


class Metric(Part):
    """Base class: make variables in `__init__`, override `update_state` and `result`.

    `_direction` says what callbacks that watch the metric take for better: "up", "down", or None where nobody knows.
    """

    _direction: str | None = None

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or snake(type(self).__name__)
        self.dtype = standard(dtype)
        self.variables: list[Variable] = []

    def add_variable(
        self, shape: Sequence[int], initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """A new variable of the state; `initializer` is an initializer, a number, or its name 'zeros' or 'ones'."""
        start = {"zeros": 0, "ones": 1}.get(initializer, initializer) if isinstance(initializer, str) else initializer
        kind = standard(dtype or self.dtype)
        with not_tracing():
            value = start(tuple(shape), dtype=kind) if callable(start) else np.full(tuple(shape), start, kind)
            variable = Variable(value, trainable=False, name=name, path=f"{self.name}/{name or 'variable'}")
        self.variables.append(variable)
        return variable

    add_weight = add_variable

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take one batch into account."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state")

    def result(self) -> Any:
        """The value over everything seen since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} has no result")

    def reset_state(self) -> None:
        """Forget everything."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take one batch into account, and the value so far."""
        with origin(layer=f"metric {self.name}"):
            self.update_state(*args, **kwargs)
            return self.result()

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """The variables after `update_state`, given what they were before; the metric itself does not change."""
        return self._with(metric_variables, lambda: self._values(after=lambda: self.update_state(*args, **kwargs)))

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """The result for given variables."""
        return self._with(metric_variables, self.result)

    def stateless_reset_state(self) -> list[Any]:
        """The variables as they are after a reset."""
        return self._with(self._values(), lambda: self._values(after=self.reset_state))

    def _values(self, after: Callable[[], Any] = lambda: None) -> list[Any]:
        after()
        return [variable.numpy() for variable in self.variables]

    def _with(self, values: Sequence[Any], action: Callable[[], Any]) -> Any:
        kept = self._values()
        try:
            for variable, value in zip(self.variables, values, strict=True):
                variable.assign(value)
            return action()
        finally:
            for variable, value in zip(self.variables, kept, strict=True):
                variable.assign(value)


class Mean(Metric):
    """Weighted mean of everything that it is given.

    Formula: Σ w·v / Σ w

    Symbols: v: values (averaged over all but the first axis), w: weights, 1 by default

    Example:

    >>> m = Mean()
    >>> m.update_state([1.0, 3.0]); float(m.result())
    2.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values, one for each sample."""
        values, weight = per_sample(values, sample_weight, self.dtype)
        shape = ops.shape(values)
        rows = number_of(shape[0], self.dtype) if shape else 1.0
        self.total.assign_add(ops.sum(values))
        self.count.assign_add(rows if weight is None else ops.sum(weight))

    def result(self) -> Any:
        """The mean, 0 before anything was seen."""
        count = self.count.value
        return ops.where(count != 0, self.total / ops.where(count != 0, count, 1), 0)


class Sum(Metric):
    """Weighted sum of everything that it is given.

    Formula: Σ w·v

    Symbols: v: values, w: weights, 1 by default

    Example:

    >>> s = Sum()
    >>> s.update_state([1.0, 3.0]); float(s.result())
    4.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values."""
        values, _ = per_sample(values, sample_weight, self.dtype, ops.sum)
        self.total.assign_add(ops.sum(values))

    def result(self) -> Any:
        """The sum."""
        return self.total.value


class FunctionMetric(Metric):
    """The mean of a function of `(y_true, y_pred, **options)`, which returns one value per sample.

    Formula: Σ w·f(t, p) / Σ w

    Symbols: f: the function, t: target, p: prediction, w: weights
    """

    integer_labels = False

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **options: Any) -> None:
        self.start(name or getattr(fn, "__name__", "metric").strip("<>"), dtype)
        self.fn, self.options = fn, options

    def start(self, name: str | None, dtype: Any) -> None:
        """Make the state: one mean."""
        Metric.__init__(self, dtype, name)
        self.mean = Mean(self.name, dtype)
        self.variables = self.mean.variables

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take one batch into account; targets are aligned with predictions, as for a loss."""
        mask = getattr(y_pred, "_keras_mask", None)
        y_pred = as_float(y_pred, self.dtype)
        y_true = as_labels(y_true) if self.integer_labels else as_float(y_true, self.dtype)
        values = self.values(*align_ranks(y_true, y_pred))
        if mask is not None:
            counted = ops.cast(mask, self.dtype)
            sample_weight = counted if sample_weight is None else ops.multiply(*align_ranks(counted, sample_weight))
        self.mean.update_state(values, sample_weight)

    def result(self) -> Any:
        """The mean, 0 before anything was seen."""
        return self.mean.result()

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """One value per sample."""
        return self.fn(y_true, y_pred, **self.options)


def metric(
    *aliases: str,
    tags: Sequence[str],
    shapes: str,
    name: str | None = None,
    integer_labels: bool = False,
    direction: str | None = "up",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function of one batch as a metric: its mean; `name` is what instances are called.

    `direction` says whether better is "up" or "down".
    """

    def decorate(formula: Callable[..., Any]) -> Callable[..., Any]:
        function = bounded(formula)
        registry = registries.REGISTRIES["kmagic.metrics"]
        cls = metric_class(function, camel(function.__name__), integer_labels, direction, name)
        registry.add(Entry(function.__name__, cls, aliases, (cls.__name__,), tuple(tags), shapes))
        registry.export(function.__name__, function)
        return function

    return decorate


def metric_class(
    function: Callable[..., Any], title: str, integer_labels: bool, direction: str | None, name: str | None = None
) -> type[Metric]:
    """The class that averages a function over batches: name, dtype, and the function's own options."""

    def start(self: FunctionMetric, name: str, dtype: Any) -> None:
        FunctionMetric.start(self, name, dtype)

    def values(self: FunctionMetric, y_true: Any, y_pred: Any) -> Any:
        return function(y_true, y_pred, **options_of(self, function))

    listed = (("name", name or function.__name__, str | None), ("dtype", None, Any), ...)
    members = {
        "__init__": constructor_of(function, listed, start),
        "values": values,
        "integer_labels": integer_labels,
        "_direction": direction,
        "function": staticmethod(function),
        "__doc__": function.__doc__,
        "__module__": function.__module__,
        "__qualname__": title,
    }
    return type(title, (FunctionMetric,), members)


def per_sample(values: Any, weight: Any, dtype: str, combine: Callable[..., Any] = ops.mean) -> tuple[Any, Any]:
    """Values combined over all but the first axis, and their weights likewise."""
    values = as_float(values, dtype)
    rank = len(ops.shape(values))
    if weight is None:
        return (combine(values, axis=list(range(1, rank))) if rank > 1 else values), None
    values, weight = align_ranks(values, as_float(weight, dtype))
    rank, own = len(ops.shape(values)), len(ops.shape(weight))
    if rank > own:
        values = combine(values, axis=list(range(own, rank)))
    values = values * weight
    if own > 1:
        weight = combine(ops.broadcast_to(weight, ops.shape(values)), axis=list(range(1, own)))
        values = combine(values, axis=list(range(1, own)))
    return values, weight
