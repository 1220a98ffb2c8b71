"""What rules may look at: facts of the model, the recipe and the data, gathered once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kmagic import activations, losses
from kmagic.base.registry import Entry
from kmagic.layers.layer import Layer
from kmagic.models.recipe import ACCURACY, CROSSENTROPY, Recipe, loss_choices, metric_choices

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Facts:
    """The facts of one output; `x` and `y` are None while no data are known."""

    model: Any
    recipe: Recipe
    x: Any = None
    y: Any = None
    output: int = 0

    @cached_property
    def activation(self) -> str:
        """The name of the last layer's activation, 'linear' where there is none."""
        last = self.maker or (self.layers[-1] if self.layers else self.model)
        return getattr(getattr(last, "activation", None), "__name__", "linear")

    @cached_property
    def gives_probabilities(self) -> bool:
        """Whether the last layer's activation makes probabilities."""
        last = self.maker or (self.layers[-1] if self.layers else self.model)
        entry = activations.registry.entry_of(getattr(last, "activation", None))
        return entry is not None and "probabilities" in entry.tags

    @cached_property
    def layers(self) -> list[Layer]:
        """The model's layers that change values' meaning, first to last."""
        passing = ("Dropout", "Reshape", "Flatten", "InputLayer")
        return [layer for layer in getattr(self.model, "layers", []) if type(layer).__name__ not in passing]

    @property
    def maker(self) -> Layer | None:
        """The layer that gives the output, in a model made of symbols."""
        network = getattr(self.model, "_network", None)
        maker: Layer | None = network.makers[self.output] if network else None
        return maker

    @cached_property
    def units(self) -> int | None:
        """The size of the output's last axis, if it is known."""
        shape = self.maker.output_shape if self.maker else getattr(self.model, "output_shape", None)
        if not isinstance(shape, tuple):
            return None
        return shape[-1] if shape and len(shape) > 1 else None

    @property
    def chosen_loss(self) -> Any:
        """What the recipe names for this output."""
        names = getattr(self.model, "output_names", None) or ["output"]
        return loss_choices(self.recipe, names)[self.output] if self.output < len(names) else None

    @cached_property
    def loss(self) -> losses.Loss | None:
        """The loss object, where the recipe names one."""
        chosen = self.chosen_loss
        if chosen is None or (isinstance(chosen, str) and chosen.lower() in CROSSENTROPY):
            return None
        return losses.resolve(chosen)

    @cached_property
    def loss_entry(self) -> Entry | None:
        """What the registry knows of the loss."""
        function = getattr(self.loss, "fn", None)
        by_function = losses.registry.find(str(function.__name__)) if function and _is_built_in(function) else None
        return by_function or (losses.registry.entry_of(self.loss) if self.loss else None)

    def loss_has(self, *tags: str) -> bool:
        """Whether the loss carries all these tags."""
        return self.loss_entry is not None and set(tags) <= set(self.loss_entry.tags)

    @property
    def from_logits(self) -> bool:
        """Whether the loss takes logits."""
        return bool(getattr(self.loss, "from_logits", False))

    @property
    def wants_accuracy(self) -> bool:
        """Whether 'accuracy' is among the metrics of this output."""
        names = getattr(self.model, "output_names", None) or ["output"]
        chosen = metric_choices(self.recipe.metrics, names, "metrics")[self.output]
        return any(isinstance(metric, str) and metric.lower() in ACCURACY for metric in chosen)

    @cached_property
    def labels(self) -> np.ndarray[Any, Any] | None:
        """Targets as one column, where they are."""
        if self.y is None:
            return None
        y = np.asarray(self.y)
        return y.reshape(len(y)) if y.size == len(y) else None

    @cached_property
    def label_range(self) -> tuple[float, float] | None:
        """The smallest and largest target, where targets are one column of numbers."""
        if self.labels is None or not self.labels.size:
            return None
        low, high = float(self.labels.min()), float(self.labels.max())
        return (low, high) if np.isfinite(low) and np.isfinite(high) else None

    @cached_property
    def has_whole_labels(self) -> bool:
        """Whether targets are one column of whole numbers."""
        if self.labels is None:
            return False
        return self.labels.dtype.kind in "iub" or bool(np.all(self.labels == np.floor(self.labels)))


def _is_built_in(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).startswith(losses.__name__)


def first_bad(array: Any) -> tuple[int, ...] | None:
    """Where the first NaN or infinity stands; looks at a part at a time, so that memory stays bounded."""
    values = np.asarray(array)
    if values.dtype.kind != "f":
        return None
    rows = max(1, _CHUNK // max(1, values[:1].size))
    for start in range(0, len(values), rows):
        bad = ~np.isfinite(values[start : start + rows])
        if bad.any():
            place = np.argwhere(bad)[0]
            return (int(place[0]) + start, *(int(i) for i in place[1:]))
    return None
