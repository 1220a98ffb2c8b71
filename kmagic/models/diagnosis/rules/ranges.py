"""Whether the output can reach the targets, and the loss can take both."""

from __future__ import annotations

import functools
import math

import numpy as np

from kmagic import activations
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.facts.model import width_behind
from kmagic.models.diagnosis.facts.targets import extent, number, values_of
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import scale_targets
from kmagic.models.diagnosis.fixes.layers import use_head
from kmagic.models.diagnosis.fixes.recipe import use_loss
from kmagic.models.diagnosis.fixes.tasks import as_quantities, said, ways

_FEW = 0.05  # a smaller share of targets out of reach is a warning
_SLACK = 1e-6  # of the range: rounding is no mistake
_FAR = 1000.0  # targets farther from 0 take thousands of steps of a usual learning rate to reach


@functools.cache
def reach(activation: str) -> tuple[float, float]:
    """The smallest and largest number that an activation gives; infinite where it grows on and on.

    >>> reach("tanh"), reach("relu")
    ((-1.0, 1.0), (0.0, inf))
    """
    entry = activations.registry.find(activation)
    if "classes" in entry.tags:
        return (0.0, 1.0)
    with np.errstate(all="ignore"):
        values = np.asarray(entry.target(np.concatenate([-np.logspace(3, -6, 400), [0.0], np.logspace(-6, 3, 400)])))
    low, high = float(values.min()), float(values.max())
    return (low if low > -100 else -math.inf, high if high < 100 else math.inf)


@rule("K148", "targets that the output cannot reach")
def out_of_reach(facts: Facts) -> Finding | None:
    """An activation that is bounded, and targets beyond its bounds."""
    if facts.y is None or facts.y.low is None or not facts.loss_has("regression") or not _is_plain(facts):
        return None
    assert facts.y.high is not None
    low, high = reach(facts.activation)
    slack = _SLACK * max(1.0, facts.y.high - facts.y.low)
    if facts.loss_has("counts") and facts.y.low < low - slack:
        return None  # K147 says more
    if facts.y.low >= low - slack and facts.y.high <= high + slack:
        return None
    sample = facts.y.sample
    share = float(np.mean((sample < low - slack) | (sample > high + slack)))
    message = f"targets are {extent(facts)}, the output ({facts.activation}) can only be {_interval(low, high)}"
    if facts.loss_has("counts"):  # it takes a logarithm: neither a linear output nor other targets will do
        fixes = ways(use_head(facts, activation="softplus"))
    else:
        linear = use_head(facts, activation="linear", label="Make the output linear")
        fixes = ways(linear, _scaled_into(facts, low, high))
    return Finding("K148", "error" if share >= _FEW else "warning", message, fixes)


def _is_plain(facts: Facts) -> bool:
    """Whether the activation is one by a name, and gives as many numbers as it takes."""
    return bool(facts.activation) and facts.activation not in ("linear", "glu")


def _interval(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{number(low)} or more"
    return f"{number(high)} or less" if math.isinf(low) else f"{number(low)} … {number(high)}"


def _scaled_into(facts: Facts, low: float, high: float) -> Fix | None:
    """Targets moved into what the output reaches: the whole of a bounded range, or upwards from its lower end."""
    assert facts.y is not None and facts.y.low is not None and facts.y.high is not None
    width = facts.y.high - facts.y.low
    if not width or math.isinf(low):
        return None
    scale = width / (high - low) if math.isfinite(high) else width
    return scale_targets(facts, facts.y.low - low * scale, scale)


@rule("K147", "a loss outside its domain")
def outside_the_domain(facts: Facts) -> Finding | None:
    """Losses with logarithms or quotients: poisson of negative outputs, msle of negative numbers, mape of targets 0."""
    if facts.loss_has("regression", "counts"):
        return _poisson(facts)
    if not facts.loss_has("regression", "relative") or facts.y is None or facts.y.low is None:
        return None
    if facts.loss_name == "mean_squared_logarithmic_error":
        return _logarithm(facts)
    zeros = int(np.count_nonzero(values_of(facts) == 0))
    if not zeros:
        return None
    message = f"{said(facts)} divides by the targets, and {zeros} of {values_of(facts).size} targets are 0"
    return Finding("K147", "warning", message, (use_loss(facts, "mae"),))


def _poisson(facts: Facts) -> Finding | None:
    if facts.y is not None and facts.y.low is not None and facts.y.low < 0:
        message = f"{said(facts)} is made for counts, and targets are {extent(facts)}"
        return Finding("K147", "warning", message, ways(as_quantities(facts, facts.units or 1)))
    if not facts.activation or facts.activation == "glu" or reach(facts.activation)[0] >= 0:
        return None
    message = f"{said(facts)} takes the logarithm of the output, and {facts.activation} gives negative numbers too: NaN"
    return Finding("K147", "warning", message, ways(use_head(facts, activation="softplus")))


def _logarithm(facts: Facts) -> Finding | None:
    assert facts.y is not None and facts.y.low is not None
    if facts.y.low >= 0:
        return None
    values = values_of(facts)
    below = int(np.count_nonzero(values < 0))
    message = f"{said(facts)} takes targets below 0 for 0: {below} of {values.size} are, down to {number(facts.y.low)}"
    return Finding("K147", "warning", message, ways(as_quantities(facts, facts.units or 1)))


@rule("K188", "the direction of one number")
def direction_of_one(facts: Facts) -> Finding | None:
    """The cosine of two single numbers is 1 or -1, whatever they are: nothing moves."""
    if not facts.loss_has("direction") or facts.units != 1:
        return None
    message = f"{said(facts)} compares directions of rows, and with 1 unit there are only signs: nothing can be learned"
    return Finding("K188", "error", message, (use_loss(facts, "mse"),))


@rule("K186", "targets far from 0")
def far_targets(facts: Facts) -> Finding | None:
    """An output starts near 0 and moves by about the learning rate a step."""
    if facts.y is None or not facts.loss_has("regression") or facts.loss_has("relative") or facts.loss_has("counts"):
        return None
    if not _climbs(facts) or not facts.y.is_number:
        return None
    values = facts.y.sample[np.isfinite(facts.y.sample)] if facts.y.bad else facts.y.sample
    if not values.size or facts.loss_has("direction"):
        return None
    mean, deviation = float(np.mean(values, dtype="float64")), float(np.std(values, dtype="float64"))
    if abs(mean) + deviation < _FAR:
        return None
    message = (
        f"targets are {extent(facts)} (mean {number(mean)}): the output starts near 0, "
        "and takes very long to get there or overshoots"
    )
    offset, scale = (mean, deviation or abs(mean)) if facts.activation == "linear" else (0.0, abs(mean) or deviation)
    return Finding("K186", "warning", message, (scale_targets(facts, float(f"{offset:.4g}"), float(f"{scale:.4g}")),))


def _climbs(facts: Facts) -> bool:
    """Whether the output is that of weights, or of weights above 0, and not scaled by a layer behind them."""
    return facts.activation in ("linear", "relu", "softplus") and width_behind(facts.model, facts.head) is not None
