"""The base of metrics: variables, how they are updated, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic import initializers
from kmagic.base.dtypes import standard
from kmagic.base.errors import BadType, BadValue, UserCodeError
from kmagic.base.parts import Part, snake
from kmagic.base.shapes import written
from kmagic.graph import trace
from kmagic.graph.eager import origin
from kmagic.graph.immediate import apart
from kmagic.graph.user_code import user_line
from kmagic.graph.variable import Variable

_NUMBERS = {"zeros": 0, "ones": 1}


class Metric(Part):
    """Base class: make variables in `__init__` or at the first batch, override `update_state` and `result`.

    `_direction` says what callbacks that watch the metric take for better: "up", "down", or None where nobody knows.
    """

    _direction: str | None = None

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or snake(type(self).__name__)
        self.dtype = standard(dtype)
        self._made: list[Variable] = []

    def __setattr__(self, name: str, value: Any) -> None:
        # a value in a variable's place would be counted once and never reset
        if isinstance(vars(self).get(name), Variable) and not isinstance(value, Variable | None):
            raise UserCodeError(
                f"self.{name} is a variable and would become a value",
                where=user_line(),
                expected="an assignment to the variable",
                fix=f"self.{name}.assign_add(…), or self.{name}.assign(…)",
            )
        super().__setattr__(name, value)

    @property
    def variables(self) -> list[Variable]:
        """The state: own variables in the order in which they were made, then those of metrics inside."""
        found = dict.fromkeys(self._made)
        for value in vars(self).values():
            for item in value if isinstance(value, list | tuple) else (value,):
                if isinstance(item, Metric):
                    found.update(dict.fromkeys(item.variables))
                elif isinstance(item, Variable):
                    found[item] = None
        return list(found)

    def add_variable(
        self,
        shape: Sequence[int] = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str | None = "sum",
        name: str | None = None,
    ) -> Variable:
        """A new variable of the state; `initializer` is an initializer, its name, or a number.

        `aggregation` says how Keras joins the state of several devices; it is accepted and changes nothing.
        """
        if "_made" not in vars(self):
            raise BadValue(
                "a variable before super().__init__()", where=type(self).__name__, fix="super().__init__(name=name)"
            )
        if isinstance(shape, str):
            raise BadType(f"shape is {shape!r}", where=type(self).__name__, fix=f"self.add_weight(name={shape!r})")
        kind = standard(dtype or self.dtype)
        start = _start(initializer)
        with trace.not_tracing():
            value = start(tuple(shape), dtype=kind) if callable(start) else np.full(tuple(shape), start, kind)
            variable = Variable(value, trainable=False, name=name, path=f"{self.name}/{name or 'variable'}")
        self._made.append(variable)
        return variable

    def add_weight(
        self, shape: Sequence[int] = (), initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """As `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name)

    def remake_variables(self, shape: Sequence[int], names: Sequence[str]) -> None:
        """Make variables for data of a shape that the first batch shows; each becomes an attribute.

        State that has counted nothing yet gives way to state of another shape.
        """
        known = [getattr(self, name, None) for name in names]
        if all(variable is not None and variable.shape == tuple(shape) for variable in known):
            return
        counted = [variable for variable in known if variable is not None and variable.array.any()]
        if counted:
            raise BadValue(
                f"state of shape {written(counted[0].shape)} meets a batch that needs {written(tuple(shape))}",
                where=f"metric {self.name}",
                expected="batches with equal numbers of columns",
                fix="reset_state() before other data",
            )
        stale = {id(variable) for variable in known}
        self._made = [variable for variable in self._made if id(variable) not in stale]
        for name in names:
            setattr(self, name, self.add_variable(shape, name=name))

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take one batch into account."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state")

    def result(self) -> Any:
        """The value over everything seen since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} has no result")

    def reset_state(self) -> None:
        """Forget everything."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take one batch into account, and the value so far."""
        with origin(layer=f"metric {self.name}"):
            self.update_state(*args, **kwargs)
            return self.result()

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """The variables after `update_state`, given what they were before; the metric itself does not change."""
        return self._apart(metric_variables, lambda: self.update_state(*args, **kwargs), self._values)

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """The result for given variables."""
        return self._apart(metric_variables, lambda: None, self.result)

    def stateless_reset_state(self) -> list[Any]:
        """The variables as they are after a reset."""
        return self._apart(self._values(), self.reset_state, self._values)

    def _values(self) -> list[Any]:
        return [variable.value for variable in self.variables]

    def _apart(self, values: Sequence[Any], action: Callable[[], Any], read: Callable[[], Any]) -> Any:
        """What `read` gives after `action`, on variables that hold `values` for as long as that takes."""
        variables = self.variables
        if len(values) != len(variables):
            raise BadValue(
                f"Argument `metric_variables` has {len(values)} values",
                where=f"metric {self.name}",
                expected=f"one for each of the {len(variables)} variables",
            )

        def done() -> Any:
            action()
            return read()

        return self._holding(values, done)

    def _holding(self, values: Sequence[Any], action: Callable[[], Any]) -> Any:
        """What `action` gives where the variables hold `values`."""
        return apart(self.variables, values, action)


def _start(initializer: Any) -> Any:
    """What gives a variable its first value: a number, or a function of shape and dtype."""
    if initializer is None:
        return 0
    if isinstance(initializer, str | dict | type):
        known = _NUMBERS.get(initializer) if isinstance(initializer, str) else None
        return initializers.get(initializer) if known is None else known
    return initializer
