"""Fixes of the recipe: another loss, another metric, another optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kmagic.base.parts import snake
from kmagic.base.trees import is_nested
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Fix
from kmagic.models.recipe import loss_choices, metric_choices, written


def change_recipe(facts: Facts, label: str, **choices: Any) -> Fix:
    """Other choices in the recipe, under the names that `compile` has for them."""
    mended = facts.case.with_recipe(**choices)
    line = mended.recipe.python("model")
    return Fix(label, line, lambda case: case.with_recipe(**choices), facts.case)


def use_loss(facts: Facts, loss: Any, label: str = "") -> Fix:
    """Another loss for this output; the other outputs keep theirs."""
    return change_recipe(facts, label or f"Use {_short(loss)}", loss=loss_for(facts, loss))


def loss_for(facts: Facts, loss: Any) -> Any:
    """What the recipe's `loss` becomes where this output gets another one."""
    if facts.outputs == 1:
        return loss
    chosen = dict(zip(facts.output_names, _losses(facts), strict=True))
    return {**chosen, facts.output_name: loss}


def _losses(facts: Facts) -> list[Any]:
    try:
        return loss_choices(facts.recipe, facts.output_names)
    except ValueError:  # a list that does not fit the outputs
        return [None] * facts.outputs


def remake_loss(facts: Facts, label: str = "", **options: Any) -> Fix:
    """The same loss with other arguments: `remake_loss(facts, from_logits=True)`."""
    loss = facts.loss
    assert loss is not None
    changed = type(loss)(**{**loss.arguments, **options})
    said = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return use_loss(facts, changed, label or f"Set {said}")


def add_metrics(facts: Facts, *others: Any, label: str = "") -> Fix:
    """Further metrics for this output."""
    said = ", ".join(map(_short, others))
    return change_recipe(
        facts, label or f"Add {said}", metrics=metrics_with(facts, lambda chosen: [*chosen, *others])["metrics"]
    )


def metrics_with(facts: Facts, change: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    """What `metrics` and `weighted_metrics` become where those of this output are changed."""
    return {title: _with(facts, title, change) for title in ("metrics", "weighted_metrics")}


def _with(facts: Facts, title: str, change: Callable[[list[Any]], list[Any]]) -> Any:
    given = getattr(facts.recipe, title)
    if facts.outputs == 1 and not isinstance(given, dict):
        return tuple(change(list(given)))
    try:
        chosen = metric_choices(given, facts.output_names, title)
    except ValueError:  # a list that does not fit the outputs
        return given
    changed = [change(own) if number == facts.output else own for number, own in enumerate(chosen)]
    return dict(zip(facts.output_names, changed, strict=True)) if any(changed) else ()


def remake_optimizer(facts: Facts, label: str = "", **options: Any) -> Fix:
    """An optimizer like the chosen one with other arguments, and nothing learned yet."""
    changed = fresh(facts.optimizer, **options)
    said = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return change_recipe(facts, label or f"Set {said}", optimizer=changed)


def fresh(optimizer: Any, **options: Any) -> Any:
    """An optimizer with the options of another one, and nothing learned yet."""
    config = {**optimizer.get_config(), **options}
    if config.get("name") == snake(type(optimizer).__name__):  # what it is called anyway
        del config["name"]
    rate = config.get("learning_rate")
    if isinstance(rate, float) and rate == np.float32(rate):  # as it was written, without what float32 adds
        config["learning_rate"] = float(str(np.float32(rate)))
    return type(optimizer).from_config(config)


def _short(choice: Any) -> str:
    """A choice in a few words, for a button."""
    if is_nested(choice):
        return ", ".join(map(_short, choice))
    return choice if isinstance(choice, str) else written(choice)
