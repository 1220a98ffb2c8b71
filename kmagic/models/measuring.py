"""What metrics say of a step: while it is traced, and as numbers when it has run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.graph import trace
from kmagic.layers.layer import Layer, attributes_of
from kmagic.metrics import HostMetric, Metric
from kmagic.models.compiled import Compiled, in_force


@dataclass(frozen=True)
class OnHost:
    """The value of a metric that no program can compute: it is read when the step has run."""

    metric: Metric


class CompileMetrics(Metric):
    """The metrics of `compile` as one, as long as no batch has shown what they are made for.

    A step may update it with targets and predictions, as it updates any metric; then the model lists them one by one.
    """

    def __init__(self, update: Callable[..., None]) -> None:
        super().__init__(name="compile_metrics")
        self._update = update

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Make the metrics, and take one batch into account."""
        self._update(y_true, y_pred, sample_weight)

    def result(self) -> dict[str, Any]:
        """Nothing, before the first batch."""
        return {}


def is_updated(metric: Metric) -> bool:
    """Whether the step that is being traced has updated a metric, or may yet do so in Python."""
    current = trace.current()
    written = current.written if current else {}
    return isinstance(metric, HostMetric) or any(variable in written for variable in metric.variables)


def own_metrics(model: Any) -> list[Metric]:
    """The metrics that are attributes of a model, and of layers in it; those of models in it are their own business."""
    compiled = in_force(model)
    known = {id(metric) for metric in (compiled.trackers if compiled else ())}
    found: dict[int, Metric] = {}
    waiting: list[Any] = [model]
    while waiting:
        layer = waiting.pop(0)
        counts = layer is model or not hasattr(layer, "compile")
        for part in attributes_of(layer, (Layer, Metric)):
            if isinstance(part, Layer):
                waiting.append(part)
            elif isinstance(part, Metric) and counts and id(part) not in known:
                found[id(part)] = part
    return list(found.values())


def result_of(metric: Metric) -> Any:
    """The value of a metric, while a step is traced after what was traced of it."""
    current = trace.current()
    if current is None or (current.look is not None and not isinstance(metric, HostMetric)):
        return metric.result()
    if isinstance(metric, HostMetric):
        return OnHost(metric)
    try:
        return metric.result()
    except Exception:  # of a user's own, which is only asked for numbers
        return OnHost(metric)


def flattened(logs: dict[str, Any]) -> dict[str, Any]:
    """Logs with those in dictionaries inside at the top."""
    found: dict[str, Any] = {}
    for name, value in logs.items():
        found |= flattened(value) if isinstance(value, dict) else {name: value}
    return found


def number(value: Any) -> Any:
    """A value as a number, or as lists of them."""
    if isinstance(value, dict):
        return {name: number(part) for name, part in value.items()}
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array.tolist()


def in_order(model: Any, compiled: Compiled, logs: dict[str, Any]) -> list[Any]:
    """The values of logs as in the lists of `evaluate`: in the order of metrics, then others by their names."""
    names = dict.fromkeys([*compiled.names, *(metric.name for metric in model.metrics), *sorted(logs)])
    return [logs[name] for name in names if name in logs]


def as_results(model: Any, compiled: Compiled, logs: dict[str, Any], return_dict: bool) -> Any:
    """Logs as `evaluate` and the functions for single batches give them: a dictionary, a list, or the one number."""
    if return_dict:
        return logs
    values = in_order(model, compiled, logs)
    return values[0] if len(values) == 1 else values
