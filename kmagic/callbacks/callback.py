"""The base of callbacks."""

from __future__ import annotations

from typing import Any

from kmagic.base.parts import Part

# Whoever overrides one of these wants an event for each batch.
BATCH_HOOKS = (
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_batch_begin",
    "on_batch_end",
)


class Callback(Part):
    """Base class: override the hooks you need; `self.model` and `self.params` are set before the first.

    Overriding a hook of batches asks for an event for each batch, which costs small models speed.
    """

    model: Any = None
    params: dict[str, Any] = {}

    def set_params(self, params: dict[str, Any]) -> None:
        """Receive verbose, epochs and steps."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Receive the model."""
        self.model = model

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Training starts."""

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Training is over."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """An epoch starts."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """An epoch is done; `logs` has its values, `val_` ones included."""

    def on_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Another name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Another name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """A training batch starts."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """A training batch is done."""
        self.on_batch_end(batch, logs)

    def forgives(self, error: Exception) -> bool:
        """Whether training just ends, with its history, where this error would be raised; kmagic's own hook."""
        return False

    def progress(self, step: int, steps: int | None, logs: dict[str, float]) -> None:
        """Some steps of an epoch are done; kmagic's own hook, called about every 10 ms."""

    def broke_off(self) -> None:
        """A training, evaluation or prediction ended with an error; kmagic's own hook, to put back what was changed."""

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        """An evaluation starts."""

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        """An evaluation is done."""

    def on_test_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """A batch of an evaluation starts."""

    def on_test_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """A batch of an evaluation is done."""

    def on_predict_begin(self, logs: dict[str, float] | None = None) -> None:
        """A prediction starts."""

    def on_predict_end(self, logs: dict[str, float] | None = None) -> None:
        """A prediction is done."""

    def on_predict_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """A batch of a prediction starts."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """A batch of a prediction is done."""
