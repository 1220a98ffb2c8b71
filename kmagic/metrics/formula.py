"""Metrics that are the mean of a formula: a decorated function of one batch becomes a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kmagic.base import registry as registries
from kmagic.base.parameters import bounded
from kmagic.base.parts import camel, constructor_of, options_of
from kmagic.base.registry import Entry
from kmagic.losses.loss import on_tensors
from kmagic.metrics.mean import Mean
from kmagic.metrics.mean_metric_wrapper import AlignedMean
from kmagic.metrics.metric import Metric


def metric(
    *aliases: str,
    tags: Sequence[str],
    shapes: str,
    name: str | None = None,
    integer_labels: bool = False,
    first: Sequence[str] = (),
    direction: str | None = "up",
    base: type[AlignedMean] = AlignedMean,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function of one batch as a metric: its mean over batches.

    `name` is what instances are called, `first` names the options that come before name and dtype, `direction` says
    whether better is "up" or "down", and `base` is the class to extend.
    """

    def decorate(formula: Callable[..., Any]) -> Callable[..., Any]:
        function = on_tensors(bounded(formula))
        registry = registries.REGISTRIES["kmagic.metrics"]
        cls = metric_class(function, camel(function.__name__), integer_labels, direction, name, first, base)
        # the class is found where it says that it is, as pickle wants it
        formula.__globals__[cls.__name__] = cls
        registry.add(Entry(function.__name__, cls, aliases, (cls.__name__,), tuple(tags), shapes))
        registry.export(function.__name__, function)
        return function

    return decorate


def metric_class(
    function: Callable[..., Any],
    title: str,
    integer_labels: bool,
    direction: str | None,
    name: str | None = None,
    first: Sequence[str] = (),
    base: type[AlignedMean] = AlignedMean,
    module: str | None = None,
) -> type[Metric]:
    """The class that averages a function over batches: name, dtype, and the function's own options.

    `module` is where the class belongs, if not where the function does.
    """

    def start(self: AlignedMean, name: str, dtype: Any) -> None:
        Mean.__init__(self, name, dtype)

    def values(self: AlignedMean, y_true: Any, y_pred: Any) -> Any:
        """One value per sample."""
        return function(y_true, y_pred, **options_of(self, function))

    listed = (*first, ("name", name or function.__name__, str | None), ("dtype", None, Any), ...)
    members = {
        "__init__": constructor_of(function, listed, start),
        "values": values,
        "integer_labels": integer_labels,
        "_direction": direction,
        "function": staticmethod(function),
        "__doc__": function.__doc__,
        "__module__": module or function.__module__,
        "__qualname__": title,
    }
    return type(title, (base,), members)
