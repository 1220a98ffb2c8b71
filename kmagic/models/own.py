"""Which steps of a model are a user's own, and how they are called: an error in one names its line."""

from __future__ import annotations

import inspect
from typing import Any

from kmagic.base.errors import BadType
from kmagic.graph.user_code import check_call, explained, is_own, title_of
from kmagic.graph.variable import Variable
from kmagic.layers.layer import attributes_of
from kmagic.optimizers import Optimizer

LOSSES = ("train_step", "test_step", "compute_loss")
_NOT_CALLED = ("make_train_function", "make_test_function", "make_predict_function")


def overrides(model: Any, *names: str) -> bool:
    """Whether one of these methods is not this package's."""
    return any(not is_own(getattr(model, name)) for name in names if hasattr(model, name))


def own_steps(model: Any) -> bool:
    """Whether what `compile` chose may not be what is computed: then data are the steps' own business."""
    return overrides(model, *LOSSES)


def check_steps(model: Any) -> None:
    """Refuse steps that cannot be called as they will be, and functions that nothing calls."""
    kind = type(model)
    for name in ("train_step", "test_step", "predict_step"):
        method = getattr(model, name)
        if "state" in inspect.signature(method).parameters:
            raise BadType(
                f"{title_of(method)} takes the state, as with Keras on JAX",
                where="compile",
                expected=f"{name}(self, data): variables are read and assigned as they are, and nothing is handed back",
            )
        check_call(method, name, ("data",))
    check_call(model.compute_loss, "compute_loss", ("x", "y", "y_pred", "sample_weight"))
    check_call(model.compute_metrics, "compute_metrics", ("x", "y", "y_pred", "sample_weight"))
    for name in _NOT_CALLED:
        if hasattr(kind, name):
            raise BadType(
                f"{kind.__name__}.{name} would not be called",
                where="compile",
                expected=f"{name.removeprefix('make_').replace('function', 'step')}(self, data), which is compiled",
            )


def optimizers_of(model: Any) -> list[Optimizer]:
    """The optimizer of `compile`, and those that are attributes, as steps of a user's own may have them."""
    chosen = [model.optimizer] if model.optimizer else []
    return list({id(one): one for one in (*chosen, *attributes_of(model, Optimizer))}.values())


def trained_state(model: Any) -> list[Variable]:
    """What training changes: weights, random generators, and what optimizers remember."""
    return [*model.variables, *(variable for optimizer in optimizers_of(model) for variable in optimizer.variables)]


def takes(function: Any, name: str) -> bool:
    """Whether a function has a parameter of this name, or takes any."""
    parameters = inspect.signature(function).parameters.values()
    return any(parameter.name == name or parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def run_step(step: Any, name: str, *arguments: Any) -> Any:
    """What a step gives for its data."""
    with explained(step, name, keeps_place=True):
        return step(*arguments)


def checked_logs(logs: Any, step: Any, name: str) -> dict[str, Any]:
    """The values of a step under their names."""
    if not isinstance(logs, dict) or not all(isinstance(key, str) for key in logs):
        raise BadType(
            f"it gives {'nothing' if logs is None else type(logs).__name__}",
            where=f"{name} {title_of(step)}",
            expected="a dictionary of values to be logged",
            fix="return {metric.name: metric.result() for metric in self.metrics}",
        )
    for key, value in logs.items():
        if value is None or isinstance(value, str):
            raise BadType(f"{key!r} is {value!r}", where=f"{name} {title_of(step)}", expected="a number or a symbol")
    return logs
