"""The optimizer: its list, its learning rate and its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np

from kmagic import optimizers
from kmagic.notebook.panels.compile.part_list import PartList
from kmagic.notebook.panels.compile.rate import RateChoice, rate_parameter
from kmagic.optimizers.rate import is_computed

RATE = "learning_rate"


class OptimizerChoice:
    """An optimizer with its learning rate; `changed` is called when one of them changes."""

    def __init__(self, changed: Callable[[], object], steps: int = 1000) -> None:
        self.changed = changed
        self.parts = PartList("Optimizer", optimizers.registry, self._chosen, without=frozenset({RATE}))
        self.rate = RateChoice(changed, steps)
        self.box = widgets.VBox([self.parts.list, self.rate.box, self.parts.options.box])

    def choice(self) -> Any:
        """What `compile` gets; BadValue where a field cannot be read."""
        is_plain = self.parts.form is None or self._default is None or self.rate.is_default
        return self.parts.choice() if is_plain else self.parts.choice(**{RATE: self.rate.value})

    def show(self, choice: Any) -> None:
        """Choose what a recipe names."""
        self.parts.show(choice)
        self._follow()
        if self._default is not None:
            self.rate.show(rate_of(choice, self._default))

    @property
    def _default(self) -> float | None:
        """The learning rate that the chosen optimizer has by itself; None where it has none."""
        parameter = rate_parameter(self.parts.form.entry) if self.parts.form else None
        return parameter.default if parameter and isinstance(parameter.default, float) else None

    def _chosen(self) -> None:
        self._follow()
        self.changed()

    def _follow(self) -> None:
        self.rate.box.layout.display = "" if self._default is not None else "none"
        if self._default is not None:
            self.rate.adopt(self._default)


def rate_of(optimizer: Any, default: float) -> Any:
    """The learning rate of a choice: a schedule, a function, or the number that it has now."""
    given = getattr(optimizer, "arguments", {}).get(RATE, default)
    if is_computed(given) or not hasattr(optimizer, RATE):
        return given
    now = float(np.asarray(optimizer.learning_rate))
    # a rate that was set since is a float32, which has seven digits
    return given if np.float32(given) == np.float32(now) else float(f"{now:.7g}")
