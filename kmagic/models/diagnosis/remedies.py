"""Ways to mend what went wrong while training: another learning rate, clipping, another activation, an earlier end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kmagic.callbacks.early_stopping import EarlyStopping
from kmagic.models import editing
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.finding import Fix
from kmagic.models.recipe import make_optimizer

_STOP = "kmagic.callbacks.EarlyStopping(patience=5, restore_best_weights=True)"


def calm_down(case: Case, growth: float = 1.0) -> tuple[Fix, ...]:
    """A smaller learning rate, and gradients of norm 1 at most.

    The rate becomes a tenth, or less where the loss grew by much in each step: descent multiplies the distance along
    the steepest direction by 1 − rate·λ each time, so a loss that grows by g tells that rate·λ is 1 + √g.
    """
    too_high = min(max(1 + math.sqrt(max(growth, 0.0)), 10.0), 1e4)
    return (*scale_rate(case, 10.0 ** -math.ceil(math.log10(too_high))), *clip(case))


def scale_rate(case: Case, factor: float) -> tuple[Fix, ...]:
    """Another learning rate; none where a schedule or a function gives it."""
    rate = _config(case).get("learning_rate")
    if not isinstance(rate, float):
        return ()
    new = float(f"{rate * factor:.3g}")
    return (_optimizer(case, f"Learning rate {new:g}", learning_rate=new),)


def clip(case: Case) -> tuple[Fix, ...]:
    """Gradients clipped to norm 1."""
    config = _config(case)
    if any(config.get(name) for name in ("clipnorm", "clipvalue", "global_clipnorm")) or "clipnorm" not in config:
        return ()
    return (_optimizer(case, "Clip gradients to norm 1", clipnorm=1.0),)


def _config(case: Case) -> dict[str, Any]:
    """The arguments of the optimizer, but for its name; a float32 rate as it was written."""
    config = {**make_optimizer(case.recipe.optimizer).get_config(), "name": None}
    rate = config.get("learning_rate")
    return {**config, "learning_rate": float(f"{rate:.6g}")} if isinstance(rate, float | np.floating) else config


def _optimizer(case: Case, label: str, **options: Any) -> Fix:
    """An optimizer like the chosen one with other arguments, and nothing learned yet."""
    changed = type(make_optimizer(case.recipe.optimizer)).from_config({**_config(case), **options})
    mended = case.with_recipe(optimizer=changed)
    return Fix(label, mended.recipe.python("model"), lambda given: given.with_recipe(optimizer=changed), case)


def activate(case: Case, layers: Sequence[Any], activation: str) -> tuple[Fix, ...]:
    """Another activation for those of the layers that have one to choose."""
    layers = [layer for layer in layers if hasattr(layer, "kernel") and hasattr(layer, "activation")]
    if not layers:
        return ()

    def change(given: Case) -> Case:
        for layer in layers:
            editing.set_head(given.model, layer, activation=activation)
        return given

    names = [repr(layer.name) for layer in layers]
    code = "; ".join(f"kmagic.models.editing.set_head(model, {name}, activation={activation!r})" for name in names)
    return (Fix(f"{activation} in {', '.join(names)}", code, change, case),)


def stop_early(case: Case) -> tuple[Fix, ...]:
    """An end when the validation loss rises, and the weights of the best epoch."""
    stop = EarlyStopping(patience=5, restore_best_weights=True)
    callbacks = [*(case.options.callbacks or ()), stop]
    rest = case.with_options(callbacks=None).fit_line().removesuffix(")")
    others = "".join(f"callbacks[{number}], " for number in range(len(callbacks) - 1))
    code = f"{rest}, callbacks=[{others}{_STOP}])"
    return (Fix("Stop early", code, lambda given: given.with_options(callbacks=callbacks), case),)
