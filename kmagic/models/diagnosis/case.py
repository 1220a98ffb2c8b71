"""Case: a model, a recipe, data and the way to train, as they are looked at together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from kmagic.models.notation import qualified
from kmagic.models.recipe import Recipe
from kmagic.optimizers import Optimizer


@dataclass(frozen=True)
class Options:
    """Arguments of `fit` that findings depend on, under their names there."""

    batch_size: int | None = None
    epochs: int = 1
    validation_split: float = 0.0
    validation_data: Any = None
    shuffle: bool = True
    class_weight: Mapping[Any, float] | None = None
    sample_weight: Any = None
    callbacks: Sequence[Any] | None = None
    steps_per_epoch: int | None = None
    validation_steps: int | None = None

    def chosen(self) -> dict[str, Any]:
        """The arguments that differ from their defaults."""
        found = {item.name: (getattr(self, item.name), item.default) for item in fields(self)}
        return {name: value for name, (value, default) in found.items() if not _is_equal(value, default)}


def _is_equal(value: Any, default: Any) -> bool:
    return value is default or (isinstance(value, int | float | bool) and value == default)


@dataclass(frozen=True)
class Case:
    """What is diagnosed. The recipe may hold anything that a user wrote, also names that do not exist.

    `x` and `y` are the user's own data, before `model.preparation`. `other` holds arguments that neither `compile` nor
    `fit` have, `as_given` choices that were written in a looser form; `is_chosen` tells whether anybody has chosen a
    recipe, `is_sample` whether the data are a part of what there is, such as the first batch.
    """

    model: Any
    recipe: Recipe
    x: Any = None
    y: Any = None
    options: Options = field(default_factory=Options)
    other: Mapping[str, Any] = field(default_factory=dict)
    as_given: Mapping[str, Any] = field(default_factory=dict)
    is_chosen: bool = True
    is_prepared: bool = False
    is_sample: bool = False

    def with_recipe(self, **choices: Any) -> Case:
        """The case with other choices in the recipe."""
        return replace(self, recipe=replace(self.recipe, **choices), is_chosen=True)

    def with_options(self, **choices: Any) -> Case:
        """The case with other arguments of `fit`."""
        return replace(self, options=replace(self.options, **choices))

    def with_fresh_optimizer(self) -> Case:
        """The case with an optimizer that can train the model as it is now: one of other variables gives way."""
        optimizer = self.recipe.optimizer
        if not isinstance(optimizer, Optimizer) or optimizer.suits(self.model.trainable_variables):
            return self
        return self.with_recipe(optimizer=type(optimizer).from_config(optimizer.get_config()))

    def fit_line(self) -> str:
        """The line of Python that trains this case.

        >>> Case(None, Recipe(), options=Options(batch_size=8)).fit_line()
        'model.fit(x, y, batch_size=8)'
        """
        parts = [f"{name}={_named(name, value)}" for name, value in self.options.chosen().items()]
        return f"model.fit({', '.join(['x', 'y', *parts])})"


def _named(title: str, value: Any) -> str:
    """Arrays under the name of their argument, everything else as Python text that can be pasted."""
    return title if title in ("validation_data", "sample_weight") else qualified(value)
