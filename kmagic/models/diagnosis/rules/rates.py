"""Whether the optimizer takes steps of a sensible size: learning rate, momentum, clipping, decay."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.base.parameters import parameters_of
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.recipe import remake_optimizer
from kmagic.optimizers.schedules.inverse_time_decay import InverseTimeDecay

_ABSURD = 10  # times the largest usual rate
_LOOKED_AT = (0, 1, 10, 100, 1000, 10_000)  # steps of a schedule, which may start from nothing
_HEAVY = 5  # times the largest usual rate that momentum may add up to
_LEAST_CLIP = 1e-5
_MOST_DECAY = 0.05  # share of every weight that one step may take away


def largest_rate(optimizer: Any) -> float | None:
    """The learning rate, of a schedule the largest that training meets early; None where it is no number."""
    rate = getattr(optimizer, "_learning_rate", None)
    try:
        found = [np.asarray(rate(step)) for step in _LOOKED_AT] if callable(rate) else [np.asarray(rate)]
        largest = max(map(float, found))
    except Exception:  # a schedule of the user's own, which `fit` will explain
        return None
    return float(f"{largest:.6g}")  # without what float32 adds to the number that was written


def usual(optimizer: Any) -> tuple[float, float] | None:
    """The usual range of learning rates, where it is known."""
    rates: tuple[float, float] | None = getattr(optimizer, "usual_rates", None)
    return rates


def at_usual_rate(facts: Facts) -> Fix:
    """The same optimizer at the rate that it has by default."""
    kind: Any = type(facts.optimizer)
    rate = next(parameter.default for parameter in parameters_of(kind) if parameter.name == "learning_rate")
    return remake_optimizer(facts, learning_rate=rate)


def _told(optimizer: Any, rate: float) -> str:
    """The optimizer with its rate."""
    return f"{type(optimizer).__name__} with learning_rate {rate:g}"


@rule("K123", "a learning rate that no training survives", once=True)
def absurd_rate(facts: Facts) -> Finding | None:
    """A learning rate far above any that the optimizer is used with."""
    rate, rates = largest_rate(facts.optimizer), usual(facts.optimizer)
    if rate is None or rates is None or rate < _ABSURD * rates[1]:
        return None
    message = f"{_told(facts.optimizer, rate)}: the loss will explode; rates up to {rates[1]:g} are usual"
    return Finding("K123", "warning", message, (at_usual_rate(facts),))


@rule("K176", "a learning rate far from the usual", once=True)
def unusual_rate(facts: Facts) -> Finding | None:
    """A learning rate below or above those that the optimizer is used with."""
    rate, rates = largest_rate(facts.optimizer), usual(facts.optimizer)
    if rate is None or rates is None or rates[0] <= rate <= rates[1] or rate >= _ABSURD * rates[1]:
        return None
    effect = "weights will hardly move" if rate < rates[0] else "training may jump about instead of settling"
    message = f"{_told(facts.optimizer, rate)}: {effect}; {rates[0]:g} to {rates[1]:g} is usual"
    return Finding("K176", "warning", message, (at_usual_rate(facts),))


@rule("K211", "heavy momentum on a large rate", once=True)
def heavy_momentum(facts: Facts) -> Finding | None:
    """Steps that add up to rate / (1 − momentum), far above the usual rate."""
    rate, rates = largest_rate(facts.optimizer), usual(facts.optimizer)
    momentum = getattr(facts.optimizer, "momentum", None) or 0.0
    if rate is None or rates is None or rate > rates[1] or not 0 < momentum <= 1:
        return None
    adds_up = rate / (1 - momentum) if momentum < 1 else np.inf
    if adds_up <= _HEAVY * rates[1]:
        return None
    message = f"momentum {momentum:g} makes of learning_rate {rate:g} a rate of {adds_up:.4g} in the long run"
    # with a momentum of 0.9 a tenth of the rate adds up to the rate that was chosen
    fix = remake_optimizer(facts, momentum=0.9, learning_rate=float(f"{rate / 10:.6g}"))
    return Finding("K211", "warning", message, (fix,))


@rule("K212", "gradients clipped to nothing", once=True)
def tiny_clip(facts: Facts) -> Finding | None:
    """A limit for gradients that leaves next to nothing of them."""
    for name, sensible in (("clipnorm", 1.0), ("global_clipnorm", 1.0), ("clipvalue", 0.5)):
        limit = getattr(facts.optimizer, name, None)
        if limit and limit < _LEAST_CLIP:
            message = f"{name} is {limit:g}: gradients are cut down to that, and weights will hardly move"
            return Finding(
                "K212", "warning", message, (remake_optimizer(facts, f"{name}={sensible}", **{name: sensible}),)
            )
    return None


@rule("K213", "weight decay that eats the weights", once=True)
def huge_decay(facts: Facts) -> Finding | None:
    """A weight decay that takes a good part of every weight at each step."""
    rate, decay = largest_rate(facts.optimizer), getattr(facts.optimizer, "weight_decay", None) or 0.0
    if rate is None or rate * decay < _MOST_DECAY:
        return None
    share = f"{100 * rate * decay:.3g} %"
    message = f"weight_decay {decay:g} times learning_rate {rate:g} takes {share} of every weight at each step"
    return Finding("K213", "warning", message, (remake_optimizer(facts, weight_decay=0.004),))


@rule("K133", "the old decay=", once=True, any_step=True)
def old_decay(facts: Facts) -> Finding | None:
    """`decay`, which optimizers once had and now ignore."""
    decay = getattr(facts.optimizer, "ignored_decay", None)
    rate = largest_rate(facts.optimizer)
    if not decay or rate is None:
        return None
    message = f"decay={decay:g} was removed from optimizers and is ignored: the learning rate stays {rate:g}"
    meant = InverseTimeDecay(rate, decay_steps=1, decay_rate=decay)
    fixes = (
        remake_optimizer(facts, "Use a schedule that does the same", learning_rate=meant),
        remake_optimizer(facts, "Leave decay out"),
    )
    return Finding("K133", "warning", message, fixes)
