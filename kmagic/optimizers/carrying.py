"""Carrying what one optimizer has learned over into another: state by its name, the counters in any case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kmagic.graph.variable import Variable
from kmagic.optimizers.optimizer import Optimizer

RATE = "learning_rate"  # stays the new optimizer's own
COUNTER = "iteration"


def is_same_kind(old: Optimizer, new: Optimizer) -> bool:
    """Whether the state of one means the same in the other: equal classes, also of optimizers inside."""
    return _kinds(old) == _kinds(new)


def _kinds(optimizer: Optimizer) -> list[type]:
    return [type(part) for part in optimizer.parts() if isinstance(part, Optimizer)]


def slots(optimizer: Optimizer) -> list[Variable]:
    """What an optimizer has learned about weights: its state without counters and rates."""
    return [variable for variable in optimizer.variables if variable.name not in (RATE, COUNTER)]


def carry_over(old: Optimizer, new: Optimizer, variables: Sequence[Variable]) -> None:
    """Let `new` go on where `old` is: all state of the same kind, of another kind only the number of updates.

    State belongs to weights by their paths, so that weights which `old` did not know start afresh.
    """
    if old is new or not old.built:
        return
    new.build(list(variables))
    if not is_same_kind(old, new):
        new._iterations.assign(old._iterations)
        return
    learned = _by_name(old)
    for name, own in _by_name(new).items():
        for variable, source in zip(own, learned[name], strict=False):
            if variable.shape == source.shape and variable.dtype == source.dtype:
                variable.assign(source.array)


def _by_name(optimizer: Optimizer) -> defaultdict[str, list[Variable]]:
    found: defaultdict[str, list[Variable]] = defaultdict(list)
    for variable in optimizer.variables:
        if variable.name != RATE:
            found[variable.name].append(variable)
    return found
