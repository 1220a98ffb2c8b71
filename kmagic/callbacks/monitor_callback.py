"""What callbacks share that watch one value: which of two values counts as better."""

from __future__ import annotations

import re
import warnings
from typing import Any

from kmagic.base.errors import BadValue
from kmagic.callbacks.callback import Callback


class MonitorCallback(Callback):
    """Base of callbacks that watch the value called `monitor`; with mode "auto" the value itself says its direction.

    Losses should fall. Of a metric its object is asked: `_direction` is "up" or "down". A value whose direction nobody
    knows is refused; mode "min" or "max" tells it.
    """

    monitor: str
    mode: str
    min_delta: float

    def current(self, logs: dict[str, Any] | None) -> Any:
        """The value of this epoch; None, with a warning, where it was not measured."""
        if self.monitor not in (logs or {}):
            known = ", ".join(logs or {})
            warnings.warn(f"{type(self).__name__}: no {self.monitor!r} among {known}", stacklevel=3)
        return (logs or {}).get(self.monitor)

    def is_better(self, value: float, reference: float | None) -> bool:
        """Whether a value beats another by more than `min_delta`; anything beats None."""
        if reference is None:
            return True
        if self.wants_larger():
            return bool(value - self.min_delta > reference)
        return bool(value + self.min_delta < reference)

    def wants_larger(self) -> bool:
        """Whether larger values are better; BadValue where nobody knows."""
        if self.mode != "auto":
            return self.mode == "max"
        direction = _direction(self.monitor.removeprefix("val_"), self.model)
        if direction is None:
            raise BadValue(
                f"nothing says whether {self.monitor!r} should rise or fall",
                where=type(self).__name__,
                expected="a loss, or a metric whose _direction is 'up' or 'down'",
                fix="mode='max' or mode='min'",
            )
        return direction == "up"


def _direction(name: str, model: Any) -> str | None:
    """The direction of the value of this name in logs: "up", "down", or None."""
    if name == "loss" or name.endswith("_loss"):
        return "down"
    # a second metric of a name is numbered, and one of several outputs bears the output's name before its own
    stem = re.sub(r"_\d+$", "", name)
    for measured in (name, stem):
        for metric in getattr(model, "metrics", ()):
            if measured == metric.name or measured.endswith(f"_{metric.name}"):
                return getattr(metric, "_direction", None)
    return None
