"""Losses and metrics that users wrote: whether they pair each target with its own prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.graph import trace
from kmagic.graph.node import Node
from kmagic.graph.ops.gradient import expand, gradients
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.trace import not_tracing
from kmagic.losses.loss import FunctionLoss
from kmagic.metrics.mean_metric_wrapper import AlignedMean, MeanMetricWrapper
from kmagic.models.diagnosis.facts import ArrayFacts, Facts, MetricFact
from kmagic.models.diagnosis.finding import Finding, rule
from kmagic.models.diagnosis.fixes.data import as_column
from kmagic.models.programs import BATCH

_ROWS = 4  # as many rows show whether all are paired with all


@rule("K118", "a metric that pairs all targets with all predictions")
def broadcasting_metric(facts: Facts) -> Finding | None:
    """Targets of (n,) and predictions of (n, 1) stretch to (n, n) in a metric that a user wrote."""
    if not _may_stretch(facts):
        return None
    own = [metric for metric in facts.metrics if _is_own(metric)]
    wrong = next((metric for metric in own if _differs(facts, _measure(metric.object))), None)
    return _finding(facts, "K118", f"metric {wrong.name}") if wrong else None


@rule("K119", "a loss that pairs all targets with all predictions")
def broadcasting_loss(facts: Facts) -> Finding | None:
    """Targets of (n,) and predictions of (n, 1) stretch to (n, n) in a loss that a user wrote."""
    if not _may_stretch(facts) or facts.loss is None or facts.loss_entry is not None:
        return None
    if isinstance(facts.loss, FunctionLoss) or not _differs(facts, facts.loss):
        return None
    return _finding(facts, "K119", f"loss {type(facts.loss).__name__}")


@rule("K232", "a loss without a gradient")
def flat_loss(facts: Facts) -> Finding | None:
    """A loss that a user wrote in steps (round, argmax, comparisons) or from targets alone: no weight would change."""
    if facts.loss is None or facts.loss_entry is not None or facts.y is None or facts.output_shape is None:
        return None
    if not facts.y.is_number or not _has_no_slope(facts.loss, facts.y, facts.output_shape):
        return None
    message = (
        f"no weight gets a gradient from loss {facts.loss_name}: it depends on the predictions not at all, or in steps "
        "only (round, argmax, comparisons), so that training would change nothing"
    )
    return Finding("K232", "error", message)


def _has_no_slope(loss: Any, y: ArrayFacts, shape: tuple[Any, ...]) -> bool:
    """Whether the graph of a loss has no way back to the predictions, nor to variables."""
    targets = input_symbol((BATCH, *y.shape[1:]), y.dtype, "y_true")
    predictions = input_symbol((BATCH, *shape[1:]), floatx(), "y_pred")
    try:
        with trace.tracing() as traced:
            found = gradients(loss(targets, predictions), [predictions])
            answered = expand([symbol.node for symbol in found])
    except Exception:  # the user's own code, which `fit` will explain
        return False
    return not traced.values and all(map(_is_zero, answered))


def _is_zero(node: Node) -> bool:
    """Whether a node is nothing but zeros, whatever goes in."""
    source = node.inputs[0] if node.name == "broadcast_to" else node
    return source.name == "constant" and not np.any(source.attributes["value"])


def _may_stretch(facts: Facts) -> bool:
    if facts.y is None or facts.output_shape is None or not facts.y.is_number:
        return False
    return len(facts.y.shape) == 1 and facts.y.rows > 1 and facts.output_shape[1:] == (1,)


def _finding(facts: Facts, code: str, what: str) -> Finding:
    size = min(facts.batch_size, facts.y.rows) if facts.y else facts.batch_size
    message = f"{what}: targets ({size},) and predictions ({size}, 1) stretch to ({size}, {size}), all paired with all"
    return Finding(code, "error", message, (as_column(facts),), is_meaningless=True)


def _is_own(metric: MetricFact) -> bool:
    """Whether a user wrote the metric, and it gets targets as they come."""
    return metric.object is not None and metric.entry is None and not isinstance(metric.object, AlignedMean)


def _measure(metric: Any) -> Callable[[Any, Any], Any]:
    """What a metric says of one batch, its own state untouched."""
    if isinstance(metric, MeanMetricWrapper):
        return lambda y_true, y_pred: metric.fn(y_true, y_pred, **metric.options)

    def measured(y_true: Any, y_pred: Any) -> Any:
        fresh = [np.zeros(variable.shape, variable.dtype) for variable in metric.variables]
        return metric.stateless_result(metric.stateless_update_state(fresh, y_true, y_pred))

    return measured


def _differs(facts: Facts, function: Callable[[Any, Any], Any]) -> bool:
    """Whether a function says something else of targets in a row than of the same in a column."""
    assert facts.y is not None
    found = np.unique(facts.y.sample.astype("float32"))
    rows = (
        found[np.linspace(0, len(found) - 1, _ROWS).astype(int)] if len(found) > 1 else np.arange(2.0, dtype="float32")
    )
    # once as probabilities, once close to the targets, where an error of numbers has its kinks
    guesses = (np.linspace(0.2, 0.7, len(rows), dtype="float32"), np.roll(rows, 1))
    return any(_stretches(function, rows, guess[:, None]) for guess in guesses)


def _stretches(function: Callable[[Any, Any], Any], rows: Any, predictions: Any) -> bool:
    try:
        with not_tracing(), np.errstate(all="ignore"):
            given = (rows, rows, rows[:, None])
            flat, again, column = (float(np.mean(np.asarray(function(t, predictions)))) for t in given)
    except Exception:  # the user's own code, which `fit` will explain
        return False
    is_clear = flat == again and bool(np.isfinite([flat, column]).all())
    return is_clear and not np.isclose(flat, column, rtol=1e-4)
