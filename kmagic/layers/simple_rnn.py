"""The simplest recurrence: the output is the state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.parameters import Count
from kmagic.layers import registry
from kmagic.layers.recurrent import OfCell
from kmagic.layers.recurrent_cell import Drops, RecurrentCell


@registry.register(shapes="[batch n] -> [batch units]")
class SimpleRNNCell(RecurrentCell):
    """One step of SimpleRNN: called with inputs and states, it gives an output and new states.

    Formula: h ← f(x·W + h·U + b)

    Symbols: h: state and output; W, U, b: weights kernel, recurrent_kernel and bias; f: activation

    Shapes: [batch n] -> [batch units]

    Example:

    >>> import numpy as np
    >>> cell = SimpleRNNCell(1, activation="relu", kernel_initializer="ones", recurrent_initializer="ones")
    >>> output, states = cell(np.array([[2.0]]), [np.array([[3.0]])])
    >>> output.tolist(), states[0].tolist()
    ([[5.0]], [[5.0]])

    Source: J. Elman, Cognitive Science 14 (1990)
    """

    def __init__(self, units: Count, **options: Any) -> None:
        super().__init__(**options)
        self.units = int(units)

    def advance(self, projected: Any, states: Sequence[Any], drops: Drops) -> tuple[Any, list[Any]]:
        """The output and the new states of one step."""
        output = self.activation(projected + self.recurrent(states[0], drops))
        return output, [output]


_ORDER = """units activation use_bias kernel_initializer recurrent_initializer bias_initializer kernel_regularizer
recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint recurrent_constraint bias_constraint
dropout recurrent_dropout return_sequences return_state go_backwards stateful unroll seed"""


@registry.register(shapes="[batch steps n] -> [batch units]")
class SimpleRNN(OfCell, cell=SimpleRNNCell, order=_ORDER):
    """Walks along a sequence with one state, which is the output.

    Formula: h ← f(x[t]·W + h·U + b) for each step t

    Symbols: h: state and output; W, U, b: weights kernel, recurrent_kernel and bias; f: activation

    Shapes: [batch steps n] -> [batch units], or with return_sequences [batch steps units]

    Example:

    >>> import numpy as np
    >>> ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
    >>> SimpleRNN(1, activation="relu", **ones)(np.array([[[1.0], [2.0], [3.0]]])).tolist()
    [[6.0]]

    Source: J. Elman, Cognitive Science 14 (1990)
    """
