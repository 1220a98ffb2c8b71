"""Evaluate with averaged weights."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue
from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback


@registry.register(name="swap_ema_weights")
class SwapEMAWeights(Callback):
    """Puts the averages that an optimizer with `use_ema=True` keeps into the model for evaluations and predictions.

    Afterwards the model has its own weights again, also where an evaluation fails. With `swap_on_epoch` the averages
    stand in the model from the end of an epoch to the begin of the next too, where callbacks that save models see them.

    Example:

    >>> swap = SwapEMAWeights(swap_on_epoch=True)
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        self.swap_on_epoch = swap_on_epoch
        self._own: list[tuple[Any, Any]] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._put_back()
        self._optimizers()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        # the optimizer has made the averages the model's own
        self._own = []

    def broke_off(self) -> None:
        """The model gets its own weights again."""
        self._put_back()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.swap_on_epoch:
            self._put_back()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.swap_on_epoch:
            self._put_averages()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._put_averages()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self._put_back()

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._put_averages()

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        self._put_back()

    def _put_averages(self) -> None:
        """Averages into the model; its own weights are kept here, so that the averages stay what they are."""
        for optimizer in self._optimizers():
            for variable, average in _pairs(optimizer):
                if not any(variable is kept for kept, _ in self._own):
                    self._own.append((variable, variable.numpy()))
                    variable.assign(average.numpy())

    def _put_back(self) -> None:
        for variable, value in self._own:
            variable.assign(value)
        self._own = []

    def _optimizers(self) -> list[Any]:
        """The model's optimizers that keep averages: itself, the one that it wraps, or those that it holds."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        found = [one for one in getattr(optimizer, "optimizers", None) or [optimizer] if getattr(one, "use_ema", False)]
        if not found:
            raise BadValue(
                "the optimizer keeps no averages of the weights",
                where="SwapEMAWeights",
                expected="use_ema=True",
                fix=f"{type(optimizer).__name__}(use_ema=True)",
            )
        return found


def _pairs(optimizer: Any) -> list[tuple[Any, Any]]:
    """Each weight with its average; none before the first step."""
    averages = optimizer._model_variables_moving_average if optimizer.built else ()
    return list(zip(optimizer._trainable_variables, averages, strict=False))
