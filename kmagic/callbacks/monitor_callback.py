"""What callbacks share that watch one value: which of two values counts as better."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from kmagic.base.errors import BadValue, closest
from kmagic.callbacks.callback import Callback


class MonitorCallback(Callback):
    """Base of callbacks that watch the value called `monitor`; with mode "auto" the value itself says its direction.

    Losses should fall. Of a metric its object is asked: `_direction` is "up" or "down". A value whose direction nobody
    knows is refused, before training where the metrics are known by then; mode "min" or "max" tells it.
    """

    monitor: str
    mode: str
    min_delta: float

    def current(self, logs: dict[str, Any] | None) -> Any:
        """The value of this epoch; None, with a warning, where it was not measured."""
        if self.monitor not in (logs or {}):
            known = ", ".join(logs or {})
            warnings.warn(f"{type(self).__name__}: no {self.monitor!r} among {known}", stacklevel=3)
        value = (logs or {}).get(self.monitor)
        if value is not None and np.size(value) != 1:
            raise BadValue(
                f"{self.monitor!r} has {np.size(value)} values",
                where=type(self).__name__,
                expected="one number an epoch",
                fix="a metric with average='macro', or of one class",
            )
        return None if value is None else np.asarray(value).item()

    def is_better(self, value: float, reference: float | None) -> bool:
        """Whether a value beats another by more than `min_delta`; anything beats None."""
        if reference is None:
            return True
        if self.wants_larger():
            return bool(value - self.min_delta > reference)
        return bool(value + self.min_delta < reference)

    def check_direction(self) -> None:
        """BadValue where nobody knows which way the value should go; a model may make its metrics at the first step."""
        compiled = getattr(self.model, "_compiled", None)
        if compiled is None or compiled.measures is not None:
            self.wants_larger()

    def wants_larger(self) -> bool:
        """Whether larger values are better; BadValue where nobody knows."""
        if self.mode != "auto":
            return self.mode == "max"
        direction = _direction(self.monitor.removeprefix("val_"), self.model)
        if direction is None:
            raise self._undirected()
        return direction == "up"

    def _undirected(self) -> BadValue:
        """The error for a value whose direction nobody knows, perhaps since there is none of that name."""
        plain, known = self.monitor.removeprefix("val_"), _names(self.model)
        near = [] if plain in known else closest(plain, known, limit=1)
        held_out = self.monitor[: len(self.monitor) - len(plain)]
        return BadValue(
            f"nothing says whether {self.monitor!r} should rise or fall",
            where=type(self).__name__,
            expected="a metric that knows" if plain in known else f"one of {', '.join(known)}, or one with val_",
            fix=f"monitor={held_out + near[0]!r}" if near else "mode='max' or mode='min'",
        )


def _names(model: Any) -> list[str]:
    """The names of what a model logs, those of rows that are held out aside."""
    measures = getattr(getattr(model, "_compiled", None), "measures", None) or ()
    return ["loss", *(measure.name for measure in measures)]


def _direction(name: str, model: Any) -> str | None:
    """The direction of the value of this name in logs: "up", "down", or None.

    The model says which metric it logs under the name; a metric may also go by a name of its own.
    """
    measures = getattr(getattr(model, "_compiled", None), "measures", None) or ()
    logged = [(measure.name, measure.metric) for measure in measures]
    for known, metric in [*logged, *((metric.name, metric) for metric in getattr(model, "metrics", ()))]:
        if name == known and name != "loss" and getattr(metric, "_direction", None):
            return str(metric._direction)
    return "down" if name == "loss" or name.endswith("_loss") else None
