"""History: what was measured, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmagic.training.events import is_number


class History:
    """`history` maps each name to its values, one an epoch; `epoch` lists the epochs' numbers.

    `findings` is what was noticed while training.
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}
        self.params: dict[str, Any] = {}
        self.findings: list[Any] = []

    def record(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Add the values of one epoch."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.history.items() if is_number(values[-1]))
        return f"<History of {len(self.epoch)} epochs{': ' if last else ''}{last}>"
