"""Recurrence with any cell, and cells on top of each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from kmagic.base.errors import BadType
from kmagic.base.trees import filled, leaves
from kmagic.layers import registry
from kmagic.layers.layer import Layer
from kmagic.layers.recurrent import Recurrent
from kmagic.layers.recurrent_cell import advanced, drawn, initial_states, output_shape_of, projected
from kmagic.layers.wrapper import build_inside


def cell_of(given: Any, where: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """A cell, which may be given by its description."""
    cell = registry.deserialize(given, custom_objects) if isinstance(given, dict) else given
    if not callable(getattr(cell, "call", None)) or not hasattr(cell, "state_size"):
        raise BadType(
            f"{given!r} is no cell", where=where, expected="call(inputs, states) and state_size", fix="LSTMCell(32)"
        )
    return cell


@registry.register(shapes="[batch steps *n] -> [batch *units]")
class RNN(Recurrent):
    """Walks along a sequence with a cell: a layer with `call(inputs, states)` and `state_size`, or a list of them.

    Where a mask excludes a step, states stay as they are, and the output is that of the step before, or zero with
    `zero_output_for_mask`. `stateful` starts each batch where the last one ended.

    Formula: y[t], s ← cell(x[t], s) for each step t

    Symbols: s: states, zero before the first step

    Shapes: [batch steps *n] -> [batch *units], or with return_sequences [batch steps *units]

    Example:

    >>> import numpy as np
    >>> from kmagic.layers import SimpleRNNCell
    >>> cell = SimpleRNNCell(1, activation="relu", kernel_initializer="ones", recurrent_initializer="ones")
    >>> RNN(cell)(np.array([[[1.0], [2.0], [3.0]]])).tolist()
    [[6.0]]
    """

    def __init__(self, cell: Any, **options: Any) -> None:
        super().__init__(**options)
        self.cell = StackedRNNCells(cell) if isinstance(cell, list | tuple) else cell_of(cell, self.name)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The layer that `get_config` described."""
        return cls(**{**config, "cell": cell_of(config["cell"], cls.__name__, custom_objects)})


@registry.register(shapes="[batch n] -> [batch units]")
class StackedRNNCells(Layer):
    """Cells on top of each other as one: each takes what the one below gives.

    Formula: y = cellₙ(… cell₁(x, s₁) …, sₙ)

    Symbols: s: for each cell its states

    Shapes: [batch n] -> [batch units]

    Example:

    >>> import numpy as np
    >>> from kmagic.layers import SimpleRNNCell
    >>> cells = StackedRNNCells([SimpleRNNCell(2, kernel_initializer="zeros"), SimpleRNNCell(3)])
    >>> output, states = cells(np.array([[1.0]]), [[np.zeros((1, 2))], [np.zeros((1, 3))]])
    >>> output.tolist()
    [[0.0, 0.0, 0.0]]
    """

    def __init__(self, cells: Sequence[Any], **options: Any) -> None:
        super().__init__(**options)
        self.cells = [cell_of(cell, self.name) for cell in cells]

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The cells that `get_config` described."""
        cells = [cell_of(cell, cls.__name__, custom_objects) for cell in config["cells"]]
        return cls(**{**config, "cells": cells})

    @property
    def state_size(self) -> list[Any]:
        """The sizes of each cell's states."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The size of the output, that of the uppermost cell."""
        size = output_shape_of(self.cells[-1], None)[1:]
        return size if len(size) > 1 else size[0]

    def build(self, input_shape: Any) -> None:
        """Make the weights of the cells."""
        for cell in self.cells:
            build_inside(cell, input_shape)
            input_shape = output_shape_of(cell, input_shape[0])

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """States of zeros."""
        return [initial_states(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def call(self, inputs: Any, states: Any = None, training: bool = False) -> Any:
        states = self.get_initial_state(inputs.shape[0]) if states is None else states
        drops = self.drawn(inputs.shape[0], training)
        return self.advance(self.project(inputs, drops), states, drops)

    def drawn(self, batch: Any, training: bool) -> list[Any]:
        """What dropout of each cell multiplies by."""
        return [drawn(cell, batch, training) for cell in self.cells]

    def project(self, inputs: Any, drops: list[Any]) -> Any:
        """What of the first cell depends on the inputs alone."""
        return projected(self.cells[0], inputs, drops[0])

    def advance(self, value: Any, states: Any, drops: list[Any]) -> tuple[Any, list[Any]]:
        """The output and the new states of one step."""
        after = []
        for place, cell in enumerate(self.cells):
            value = projected(cell, value, drops[place]) if place else value
            value, state = advanced(cell, value, states[place], drops[place])
            after.append(filled(states[place], leaves(state)))
        return value, after

    @property
    def shows_state(self) -> bool:
        """Whether the output is the first state of the uppermost cell."""
        return getattr(self.cells[-1], "shows_state", False)

    def output_of(self, states: Any) -> Any:
        """The output of the step that ended in these states."""
        return self.cells[-1].output_of(states[-1])
