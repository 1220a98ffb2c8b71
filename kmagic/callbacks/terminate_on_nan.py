"""Stop at a loss that is not finite."""

import math

from kmagic.base.errors import NotFinite
from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback


@registry.register(name="terminate_on_nan")
class TerminateOnNaN(Callback):
    """Stops training when an epoch's loss is NaN or infinite.

    The engine itself stops before the first update that would spread such a value; this callback also watches what a
    user's own loss or metric reports.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            if self.raise_error:
                raise NotFinite(f"loss is {loss} in epoch {epoch + 1}", where="TerminateOnNaN")
            self.model.stop_training = True
