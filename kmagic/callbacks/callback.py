"""The base of callbacks, and the list that turns events into their hooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kmagic.base.errors import BadType
from kmagic.base.parts import Part
from kmagic.training.events import (
    EpochBegin,
    EpochEnd,
    Event,
    StepsBegin,
    StepsEnd,
    TrainBegin,
    ValidationBegin,
    ValidationEnd,
    ValidationSteps,
    ValidationStepsBegin,
)

_BATCH_HOOKS = (
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

    def progress(self, step: int, steps: int, logs: dict[str, float]) -> None:
        """Some steps of an epoch are done; kmagic's own hook, called about every 10 ms."""

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


class CallbackList:
    """Several callbacks as one listener of events."""

    def __init__(self, callbacks: Iterable[Any], model: Any) -> None:
        self.callbacks = list(callbacks)
        self.logs: dict[str, float] = {}
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                raise BadType(
                    f"{callback!r} is no callback", where="callbacks", expected="objects of kmagic.callbacks.Callback"
                )
            callback.set_model(model)

    @property
    def wants_batches(self) -> bool:
        """Whether one of them overrides a hook of batches."""
        return any(
            getattr(type(callback), hook) is not getattr(Callback, hook) or hook in vars(callback)
            for callback in self.callbacks
            for hook in _BATCH_HOOKS
        )

    def __call__(self, event: Event) -> None:
        match event:
            case TrainBegin(params=params):
                self.set_params(params)
                self.each("on_train_begin", {})
            case EpochBegin(epoch=epoch):
                self.each("on_epoch_begin", epoch, {})
            case StepsBegin(step=step):
                self.each("on_train_batch_begin", step, {})
            case StepsEnd(step=step, steps=steps, logs=logs):
                self.logs = dict(logs)
                self.each("on_train_batch_end", step - 1, self.logs)
                for callback in self.callbacks:
                    callback.progress(step, steps, self.logs)
            case ValidationBegin():
                self.each("on_test_begin", {})
            case ValidationStepsBegin(step=step):
                self.each("on_test_batch_begin", step, {})
            case ValidationSteps(step=step, logs=logs):
                self.each("on_test_batch_end", step - 1, dict(logs))
            case ValidationEnd(logs=logs):
                self.each("on_test_end", dict(logs))
            case EpochEnd(epoch=epoch, logs=logs):
                self.each("on_epoch_end", epoch, logs)
                self.logs = dict(logs)

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand verbose, epochs and steps to every callback."""
        self.each("set_params", params)

    def forgive(self, error: Exception) -> bool:
        """Whether one of them forgives this error."""
        return any(callback.forgives(error) for callback in self.callbacks)

    def end(self) -> None:
        """Training is over, however it ended."""
        self.each("on_train_end", self.logs)

    def each(self, hook: str, *arguments: Any) -> None:
        """Call one hook of every callback."""
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)
