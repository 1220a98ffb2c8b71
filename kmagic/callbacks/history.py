"""The callback that every fit has."""

from typing import Any

from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback
from kmagic.training import history


@registry.register()
class History(Callback, history.History):
    """Remembers the values of every epoch; `fit` adds one itself and returns it."""

    def __init__(self) -> None:
        history.History.__init__(self)

    __repr__ = history.History.__repr__

    def set_params(self, params: dict[str, Any]) -> None:
        """Receive verbose, epochs and steps."""
        self.params = params

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.epoch, self.history, self.findings = [], {}, []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.record(epoch, logs or {})
