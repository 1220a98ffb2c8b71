"""Stop at a loss that is not finite."""

import math

from kmagic.base.errors import NotFinite
from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback


@registry.register(name="terminate_on_nan")
class TerminateOnNaN(Callback):
    """Ends training when a loss or gradient is NaN or infinite, as if it had been stopped.

    Without it such a step raises NotFinite. Either way the update is not applied, and the weights are those of the last
    good step. With `raise_error` the error is raised here too.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def forgives(self, error: Exception) -> bool:
        return isinstance(error, NotFinite) and not self.raise_error

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            if self.raise_error:
                raise NotFinite(f"loss is {loss} in epoch {epoch + 1}", where="TerminateOnNaN")
            self.model.stop_training = True
