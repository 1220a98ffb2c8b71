"""Smaller steps when nothing improves any more."""

from __future__ import annotations

from typing import Any, Literal

from kmagic.base.parameters import NonNegative, Rate, Whole
from kmagic.callbacks import registry
from kmagic.callbacks.learning_rates import log_rates, optimizers_of, rate_of
from kmagic.callbacks.monitor_callback import MonitorCallback


@registry.register(name="reduce_lr_on_plateau")
class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` when a monitored value has not improved for `patience` epochs.

    After a reduction `cooldown` epochs pass before patience is counted again; the rate never falls below `min_lr`. The
    rate of each epoch is logged as `learning_rate`.

    Example:

    >>> reduce = ReduceLROnPlateau(monitor="loss", factor=0.2, patience=5, min_lr=0.001)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: Rate = 0.1,
        patience: Whole = 10,
        verbose: Whole = 0,
        mode: Literal["auto", "min", "max"] = "auto",
        min_delta: NonNegative = 1e-4,
        cooldown: Whole = 0,
        min_lr: NonNegative = 0.0,
    ) -> None:
        self.monitor, self.factor, self.patience, self.verbose = monitor, factor, patience, verbose
        self.mode, self.min_delta, self.cooldown, self.min_lr = mode, min_delta, cooldown, min_lr

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.wait = self.cooldown_counter = 0
        self.best: float | None = None
        self.check_direction()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        log_rates(self.model, logs)
        current = self.current(logs)
        if current is None:
            return
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_better(current, self.best):
            self.best, self.wait = current, 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter, self.wait = self.cooldown, 0

    def _reduce(self, epoch: int) -> bool:
        """Reduce every rate that may still fall; whether there was one."""
        reduced = False
        found = optimizers_of(self.model)
        for name, optimizer in found:
            before = rate_of(optimizer)
            if before <= self.min_lr:
                continue
            rate = max(before * self.factor, self.min_lr)
            optimizer.learning_rate = rate
            reduced = True
            if self.verbose:
                whose = "" if len(found) == 1 else f" {name}"
                print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing{whose} learning rate to {rate}.")
        return reduced
