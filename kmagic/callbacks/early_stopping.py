"""Stop when nothing improves any more."""

from __future__ import annotations

from typing import Any, Literal

from kmagic.base.parameters import NonNegative, Whole
from kmagic.callbacks import registry
from kmagic.callbacks.monitor_callback import MonitorCallback


@registry.register()
class EarlyStopping(MonitorCallback):
    """Stops when a monitored value has not improved for `patience` epochs.

    A value counts as better when it beats the best so far by more than `min_delta` (and `baseline`, if given).
    `restore_best_weights` puts the weights of the best epoch back, also when training ended for another reason.

    Example:

    >>> stop = EarlyStopping(monitor="loss", patience=2, restore_best_weights=True)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: NonNegative = 0,
        patience: Whole = 0,
        verbose: Whole = 0,
        mode: Literal["auto", "min", "max"] = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: Whole = 0,
    ) -> None:
        self.monitor, self.min_delta, self.patience, self.verbose = monitor, min_delta, patience, verbose
        self.mode, self.baseline = mode, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: list[Any] | None = None
        self.check_direction()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        current = self.current(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self.is_better(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.is_better(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)
