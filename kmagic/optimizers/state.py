"""What an optimizer remembers: its variables in order, how they are made, written and stored.

Files know them by their place alone, so the order is Keras's: the counter, the learning rate, then slots.
"""

from __future__ import annotations

import numbers
import warnings
from collections.abc import MutableMapping, Sequence
from typing import Any

import numpy as np

from kmagic import initializers
from kmagic.base.config import floatx
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.parts import Part
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.graph.trace import not_tracing
from kmagic.graph.variable import Variable


class State(Part):
    """The variables of an optimizer; one that is set as an attribute is remembered too."""

    name: str
    built: bool

    def __init__(self) -> None:
        self._variables: list[Variable] = []

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Variable):
            self._track_variable(value)
        super().__setattr__(name, value)

    @property
    def variables(self) -> list[Variable]:
        """Everything that is remembered, in the order of files."""
        return list(self._variables)

    def _track_variable(self, variable: Variable) -> None:
        if not any(variable is known for known in self._variables):
            self._variables.append(variable)

    def _untrack_variable(self, variable: Variable) -> None:
        self._variables = [known for known in self._variables if known is not variable]

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str | None = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new variable of the state; `initializer` may also be a number or an array.

        `aggregation` and `layout` are taken for Keras's sake: state lies on one device.
        """
        kind = dtype or floatx()
        with not_tracing():
            value = _initial(initializer, tuple(shape), kind)
            variable = Variable(value, dtype=kind, trainable=False, name=name, path=f"{self.name}/{name or 'variable'}")
        self._track_variable(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """A new variable of the shape and dtype of another, named after it."""
        stem = reference_variable.path.replace("/", "_")
        return self.add_variable(
            reference_variable.shape, initializer, reference_variable.dtype, name=f"{stem}_{name or 'var'}"
        )

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: str | Sequence[str], initializer: Any = "zeros"
    ) -> Any:
        """One variable for each, as a list; with several names several lists, made variable by variable."""
        names = [name] if isinstance(name, str) else list(name)
        starts = list(initializer) if isinstance(initializer, list | tuple) else [initializer] * len(names)
        if len(starts) != len(names):
            raise BadValue(f"{len(starts)} initializers for {len(names)} names", where=type(self).__name__)
        found: list[list[Variable]] = [[] for _ in names]
        for variable in trainable_variables:
            for slots, own, start in zip(found, names, starts, strict=True):
                slots.append(self.add_variable_from_reference(variable, own, start))
        return found[0] if isinstance(name, str) else found

    # ---- writing, under the names that rules use ----

    def assign(self, variable: Variable, value: Any) -> None:
        """Replace the value of a weight or of state."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to the value of a weight or of state."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from the value of a weight or of state."""
        variable.assign_sub(value)

    # ---- storing ----

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace all values, given in the order of `variables`."""
        variables = self.variables
        if not self.built:
            raise BadValue(
                "set_weights() before the optimizer is built",
                where=type(self).__name__,
                fix="optimizer.build(model.trainable_variables)",
            )
        if len(weights) != len(variables):
            raise BadValue(
                f"{len(weights)} weights",
                where=type(self).__name__,
                expected=f"one for each of {len(variables)} variables",
            )
        for variable, weight in zip(variables, weights, strict=True):
            if np.shape(weight) != variable.shape:
                raise ShapeMismatch(
                    f"weight of shape {written(np.shape(weight))}",
                    where=variable.path,
                    expected=written(variable.shape, variable.dtype),
                )
        for variable, weight in zip(variables, weights, strict=True):
            variable.assign(weight)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put all values into a store under their numbers."""
        for number, variable in enumerate(self.variables):
            store[str(number)] = variable.numpy()

    def load_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Take all values from a store; one that holds another number of them is left alone, with a warning."""
        variables = self.variables
        if len(store) != len(variables):
            warnings.warn(
                f"Skipping variable loading for optimizer {self.name!r}: "
                f"it has {len(variables)} variables, the saved one {len(store)}",
                stacklevel=2,
            )
            return
        for number, variable in enumerate(variables):
            variable.assign(store[str(number)])


def _initial(initializer: Any, shape: tuple[int, ...], dtype: str) -> Any:
    """The first value of a variable."""
    if isinstance(initializer, numbers.Number | np.ndarray | np.generic):
        return ops.full(shape, initializer, dtype)
    return initializers.get(initializer)(shape, dtype=dtype)
