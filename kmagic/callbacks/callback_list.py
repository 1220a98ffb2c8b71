"""Several callbacks as one."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from kmagic.base.errors import BadType
from kmagic.callbacks import registry
from kmagic.callbacks.callback import BATCH_HOOKS, Callback
from kmagic.callbacks.history import History
from kmagic.callbacks.progbar_logger import ProgbarLogger
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

Found = TypeVar("Found", bound=Callback)


class CallbackList(Callback):
    """Calls several callbacks as one: every hook of it is a hook of each of them, in order.

    It listens to the events of a training too. Lists may be nested; a CallbackList inside stays one callback, with
    what it overrides. `params` go to each callback's `set_params`.

    Example:

    >>> hooks = CallbackList([ProgbarLogger(verbose=2)], add_history=True, epochs=2)
    >>> [type(callback).__name__ for callback in hooks.callbacks]
    ['ProgbarLogger', 'History']
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks = list(_single(callbacks))
        self.logs: dict[str, Any] = {}
        for wanted, kind in ((add_history, History), (add_progbar, ProgbarLogger)):
            if wanted:
                self.first_or(kind())
        if model is not None:
            self.set_model(model)
        if params:
            self.set_params(params)

    def first(self, kind: type[Found]) -> Found | None:
        """The first callback of a kind, also in a list inside."""
        inner = (item.first(kind) if isinstance(item, CallbackList) else item for item in self.callbacks)
        return next((callback for callback in inner if isinstance(callback, kind)), None)

    @classmethod
    def of(cls, callbacks: Any, model: Any, defaults: Iterable[Callback] = ()) -> CallbackList:
        """Callbacks with their model: a CallbackList as it was given, others as a new one that also has `defaults`."""
        hooks = callbacks if isinstance(callbacks, CallbackList) else cls(callbacks)
        for default in defaults if hooks is not callbacks else ():
            hooks.first_or(default)
        hooks.set_model(model)
        return hooks

    def first_or(self, callback: Found) -> Found:
        """The first callback of the same kind; where there is none, this one is added."""
        found = self.first(type(callback))
        if found is not None:
            return found
        callback.set_model(self.model)
        self.callbacks.append(callback)
        return callback

    @contextlib.contextmanager
    def told_of_errors(self) -> Iterator[None]:
        """An error inside is told to every callback before it goes on."""
        try:
            yield
        except BaseException:
            self.broke_off()
            raise

    @property
    def wants_batches(self) -> bool:
        """Whether the list or one of its callbacks overrides a hook of batches."""
        return _overrides(self, CallbackList) or any(
            callback.wants_batches if isinstance(callback, CallbackList) else _overrides(callback, Callback)
            for callback in self.callbacks
        )

    def __call__(self, event: Event) -> None:
        match event:
            case TrainBegin(params=params):
                self.set_params(params)
                self.on_train_begin({})
            case EpochBegin(epoch=epoch):
                self.on_epoch_begin(epoch, {})
            case StepsBegin(step=step):
                self.on_train_batch_begin(step, {})
            case StepsEnd(step=step, steps=steps, logs=logs):
                self.logs = dict(logs)
                self.on_train_batch_end(step - 1, self.logs)
                self.progress(step, steps, self.logs)
            case ValidationBegin():
                self.on_test_begin({})
            case ValidationStepsBegin(step=step):
                self.on_test_batch_begin(step, {})
            case ValidationSteps(step=step, logs=logs):
                self.on_test_batch_end(step - 1, dict(logs))
            case ValidationEnd(logs=logs):
                self.on_test_end(dict(logs))
            case EpochEnd(epoch=epoch, logs=logs):
                self.on_epoch_end(epoch, logs)
                self.logs = dict(logs)

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand verbose, epochs and steps to every callback."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Hand the model to every callback."""
        self.model = model
        for callback in self.callbacks:
            callback.set_model(model)

    def forgives(self, error: Exception) -> bool:
        """Whether one of them forgives this error."""
        return any(callback.forgives(error) for callback in self.callbacks)

    def end(self) -> None:
        """Training is over, however it ended."""
        self.on_train_end(self.logs)


def _overrides(callback: Callback, base: type[Callback]) -> bool:
    """Whether a callback has a hook of batches of its own."""
    return any(
        getattr(type(callback), hook) is not getattr(base, hook) or hook in vars(callback) for hook in BATCH_HOOKS
    )


def _single(callbacks: Any) -> Iterator[Callback]:
    """The callbacks of nested lists, one after the other."""
    if isinstance(callbacks, Callback):
        yield callbacks
    elif isinstance(callbacks, Iterable) and not isinstance(callbacks, str):
        for item in callbacks:
            yield from _single(item)
    elif callbacks is not None:
        raise BadType(
            f"{callbacks!r} is no callback", where="callbacks", expected="objects of kmagic.callbacks.Callback"
        )


def _of_each(hook: str) -> Any:
    """The hook that calls the same hook of every callback, with all of its arguments."""
    signature = inspect.signature(getattr(Callback, hook))

    def call(self: CallbackList, *arguments: Any, **named: Any) -> None:
        given = signature.bind(self, *arguments, **named)
        given.apply_defaults()
        for callback in self.callbacks:
            getattr(callback, hook)(*given.args[1:])

    call.__name__, call.__doc__ = hook, getattr(Callback, hook).__doc__
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


for _hook in vars(Callback):
    if _hook.startswith("on_") or _hook in ("progress", "broke_off"):
        setattr(CallbackList, _hook, _of_each(_hook))

registry.export("CallbackList", CallbackList)
