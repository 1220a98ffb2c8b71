"""The recompile diff: what compiling a model again keeps, what it loses, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.models.recipe import Recipe, make_optimizer, written
from kmagic.optimizers import Optimizer
from kmagic.optimizers.carrying import is_same_kind, slots

MARKS = {"kept": "=", "lost": "-", "changed": "~", "reset": "0"}


@dataclass(frozen=True)
class Change:
    """What happens to one thing: `outcome` is kept, lost, changed or reset, `detail` says it with its values."""

    what: str
    outcome: str
    detail: str

    def __str__(self) -> str:
        return f"{MARKS[self.outcome]} {self.what} {self.outcome}: {self.detail}"


def changes(model: Any, recipe: Recipe, keep_optimizer_state: bool = False) -> list[Change]:
    """What compiling with `recipe` does to a model as it is; nothing where it was not compiled before."""
    before = model.recipe
    if before is None:
        return []
    return [*_weights(model), *_optimizer(model, recipe, keep_optimizer_state), *_choices(before, recipe)]


def as_text(found: Sequence[Change]) -> str:
    """The changes for a terminal, a line each."""
    return "\n".join(map(str, found)) or "nothing was compiled before"


def loses_state(model: Any, recipe: Recipe) -> bool:
    """Whether compiling with `recipe` would forget what the optimizer has learned."""
    return any(change.outcome == "lost" for change in changes(model, recipe))


def _weights(model: Any) -> Iterator[Change]:
    if model.built and model.weights:
        yield Change("weights", "kept", f"{model.count_params():,} parameters stay as they are")


def _optimizer(model: Any, recipe: Recipe, keep: bool) -> Iterator[Change]:
    old, new = model.optimizer, _made(recipe.optimizer)
    if new is None:
        return
    steps = updates_of(old)
    if new is old:
        if steps:
            yield Change("optimizer state", "kept", f"the same {_named(old)} object goes on after {_steps(steps)}")
        return
    yield from _state(old, new, keep)
    if steps:
        yield Change("iterations", *(("kept", _steps(steps)) if keep else ("lost", f"{_steps(steps)}, counted from 0")))
    yield from _settings(old, new)


def _state(old: Optimizer, new: Optimizer, keep: bool) -> Iterator[Change]:
    """What becomes of moments."""
    learned = slots(old) if updates_of(old) else []
    if not learned:
        return
    what = f"{len(learned)} arrays of {_named(old)} ({sum(slot.size for slot in learned):,} values)"
    if keep and is_same_kind(old, new):
        yield Change("optimizer moments", "kept", what)
    elif keep:
        yield Change("optimizer moments", "lost", f"{what}: {_named(new)} has others")
    else:
        yield Change("optimizer moments", "lost", f"{what} start from nothing")


def _settings(old: Optimizer, new: Optimizer) -> Iterator[Change]:
    if type(old) is not type(new):
        yield Change("optimizer", "changed", f"{_named(old)} → {_named(new)}")
    rates = [rate_of(optimizer) for optimizer in (old, new)]
    if None not in rates and rates[0] != rates[1]:
        yield Change("learning rate", "changed", f"{rates[0]:.4g} → {rates[1]:.4g}")


def _choices(before: Recipe, after: Recipe) -> Iterator[Change]:
    """Loss and metrics."""
    for title in ("loss", "loss_weights", "metrics", "weighted_metrics"):
        old, new = getattr(before, title), getattr(after, title)
        if written(old) != written(new):
            yield Change(title, "changed", f"{written(old)} → {written(new)}")
    yield Change("measured values", "reset", "loss and metrics are measured anew")


def updates_of(optimizer: Any) -> int:
    """How many updates an optimizer has made; 0 for one that has none."""
    return 0 if optimizer is None else int(np.asarray(optimizer.iterations))


def rate_of(optimizer: Any) -> float | None:
    """The learning rate now; None where there is none, or several, or a schedule that breaks."""
    try:
        return float(np.asarray(optimizer.learning_rate))
    except Exception:  # a schedule of the user's own, which `fit` will explain
        return None


def _made(choice: Any) -> Optimizer | None:
    """The optimizer of a choice, None where it cannot be made."""
    try:
        return make_optimizer(choice)
    except Exception:  # whatever a user wrote, which `compile` will explain
        return None


def _named(optimizer: Optimizer) -> str:
    return type(optimizer).__name__


def _steps(count: int) -> str:
    return f"{count:,} step{'' if count == 1 else 's'}"
