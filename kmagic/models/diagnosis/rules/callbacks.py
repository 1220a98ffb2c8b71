"""Whether callbacks can do what they are for: watch values that there are, in the right direction, in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kmagic.base.errors import closest
from kmagic.callbacks import Callback
from kmagic.callbacks.callback_list import CallbackList
from kmagic.callbacks.learning_rate_scheduler import LearningRateScheduler
from kmagic.callbacks.monitor_callback import MonitorCallback
from kmagic.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from kmagic.graph.user_code import is_own
from kmagic.models.diagnosis.facts import Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.options import set_options
from kmagic.models.diagnosis.fixes.recipe import change_recipe, remake_optimizer
from kmagic.models.diagnosis.rules.rates import largest_rate

_HELD_OUT = 0.2
_EPOCHS = 10


def callbacks_of(facts: Facts) -> list[Any]:
    """The callbacks of the case, those of lists inside too."""
    return list(_flat(facts.options.callbacks))


def _flat(given: Any) -> Iterator[Any]:
    if isinstance(given, CallbackList):
        yield from _flat(given.callbacks)
    elif isinstance(given, list | tuple):
        for item in given:
            yield from _flat(item)
    elif isinstance(given, Callback):
        yield given


def with_other(facts: Facts, callback: Any, label: str, **options: Any) -> Fix:
    """The same callback with other arguments."""
    changed = type(callback)(**{**callback.arguments, **options})
    new = [changed if item is callback else item for item in callbacks_of(facts)]
    return set_options(facts, label, callbacks=new)


def without(facts: Facts, callback: Any) -> Fix:
    """All callbacks but one."""
    rest = [item for item in callbacks_of(facts) if item is not callback]
    return set_options(facts, f"Leave out {_named(callback)}", callbacks=rest or None)


def _named(callback: Any) -> str:
    return type(callback).__name__


# ---- what is watched ----


def logged(facts: Facts) -> dict[str, str | None] | None:
    """The names of logs with the direction in which each gets better; None where they cannot be told."""
    found: dict[str, str | None] = {"loss": "down"}
    for output, name in enumerate(facts.output_names):
        own, prefix = Facts(facts.shared, output), f"{name}_" if facts.outputs > 1 else ""
        if prefix:
            found[f"{prefix}loss"] = "down"
        for metric in own.metrics:
            if metric.object is None:
                return None
            found[f"{prefix}{metric.name}"] = getattr(metric.object, "_direction", None)
    if (
        facts.model.compiled and facts.recipe is facts.model.recipe
    ):  # it also knows how second ones of a name are called
        found |= {name: found.get(name) for name in facts.model.metrics_names}
    return found


def validates(facts: Facts) -> bool:
    """Whether there is anything to validate on."""
    return facts.options.validation_data is not None or bool(facts.options.validation_split)


def _adds_logs(callback: Any) -> bool:
    """Whether a callback may put values of its own into the logs."""
    return not is_own(type(callback)) or _named(callback) == "LambdaCallback"


@rule("K145", "a callback that watches what is not measured", once=True)
def missing_monitor(facts: Facts) -> Finding | None:
    """A monitor that is neither a loss nor a metric, or that needs validation data where there are none."""
    names, callbacks = logged(facts), callbacks_of(facts)
    if names is None or any(map(_adds_logs, callbacks)) or not facts.case.is_chosen:
        return None
    known = [*names, *(f"val_{name}" for name in names)] if validates(facts) else list(names)
    changed = ["learning_rate"] if any(isinstance(item, ReduceLROnPlateau) for item in callbacks) else []
    for callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        if isinstance(monitor, str) and monitor not in known + changed:
            return _missing(facts, callback, monitor, known)
    return None


def _missing(facts: Facts, callback: Any, monitor: str, known: list[str]) -> Finding:
    plain = monitor.removeprefix("val_")
    needs_data = monitor.startswith("val_") and plain in known
    near = plain if needs_data else next(iter(closest(monitor, known)), "loss")
    why = "there is nothing to validate on" if needs_data else f"there are {', '.join(known)}"
    message = f"{_named(callback)} watches {monitor!r}, which is not measured: {why}"
    held_out = [set_options(facts, f"Hold out {_HELD_OUT:.0%}", validation_split=_HELD_OUT)] if needs_data else []
    fixes = (*held_out, with_other(facts, callback, f"Watch {near!r}", monitor=near))
    return Finding("K145", "warning", message, fixes)


@rule("K215", "a callback that takes worse for better", once=True)
def wrong_direction(facts: Facts) -> Finding | None:
    """A mode that is against the direction of what is watched."""
    names = logged(facts) or {}
    for callback in callbacks_of(facts):
        if not isinstance(callback, MonitorCallback):
            continue
        right = {"up": "max", "down": "min"}.get(names.get(callback.monitor.removeprefix("val_")) or "")
        if right and callback.mode not in ("auto", right):
            worse = "smallest" if right == "max" else "largest"
            message = (
                f"{_named(callback)} has mode {callback.mode!r}: it takes the {worse} {callback.monitor!r} for the best"
            )
            return Finding("K215", "warning", message, (with_other(facts, callback, f"Use {right!r}", mode=right),))
    return None


@rule("K214", "patience that outlasts training", once=True)
def too_patient(facts: Facts) -> Finding | None:
    """A patience of as many epochs as there are, so that the callback never does anything."""
    epochs = facts.options.epochs
    if not isinstance(epochs, int) or epochs < 2:
        return None
    for callback in callbacks_of(facts):
        patience = getattr(callback, "patience", None)
        is_useful = getattr(callback, "restore_best_weights", False)
        if isinstance(callback, MonitorCallback) and isinstance(patience, int) and patience >= epochs and not is_useful:
            message = f"{_named(callback)} has a patience of {patience} in {epochs} epochs: it will never do anything"
            fewer = max(1, epochs // 5)
            return Finding("K214", "hint", message, (with_other(facts, callback, f"patience={fewer}", patience=fewer),))
    return None


# ---- learning rates ----


@rule("K159", "a learning rate that two things set", once=True)
def rate_set_twice(facts: Facts) -> Finding | None:
    """A callback that sets the learning rate of an optimizer that computes it."""
    optimizer = getattr(facts.optimizer, "inner_optimizer", facts.optimizer)
    rate = getattr(optimizer, "_learning_rate", None)
    if not callable(rate):
        return None
    for callback in callbacks_of(facts):
        if isinstance(callback, ReduceLROnPlateau | LearningRateScheduler):
            schedule = type(rate).__name__
            message = f"{_named(callback)} sets the learning rate, which {schedule} computes: only one of them can"
            fixes = (without(facts, callback), *_constant_rate(facts))
            return Finding("K159", "error", message, fixes)
    return None


def _constant_rate(facts: Facts) -> Iterator[Fix]:
    """The largest rate of a schedule in its place."""
    rate = largest_rate(facts.optimizer)
    if rate:
        yield remake_optimizer(facts, f"Start at {rate:g}", learning_rate=rate)


# ---- steps and epochs ----


@rule("K218", "hooks of batches that see only some", once=True, any_step=True)
def batches_unseen(facts: Facts) -> Finding | None:
    """Several steps in one call, beside a callback that looks at every batch."""
    steps = facts.recipe.steps_per_execution
    watching = next((item for item in callbacks_of(facts) if CallbackList([item]).wants_batches), None)
    if watching is None or not isinstance(steps, int) or steps < 2:
        return None
    message = f"steps_per_execution is {steps}: {_named(watching)} hears of every {steps} batches at once"
    return Finding("K218", "hint", message, (change_recipe(facts, "One step at a time", steps_per_execution=1),))


@rule("K219", "no epochs", once=True, any_step=True)
def no_epochs(facts: Facts) -> Finding | None:
    """A call of fit that trains nothing."""
    if isinstance(facts.options.epochs, bool) or facts.options.epochs != 0:
        return None
    return Finding("K219", "warning", "epochs is 0: nothing is trained", (set_options(facts, epochs=_EPOCHS),))
