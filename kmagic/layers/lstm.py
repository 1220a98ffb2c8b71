"""Long short-term memory: recurrence with a second state that gates protect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic import activations
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.recurrent import OfCell
from kmagic.layers.recurrent_cell import Drops, RecurrentCell


class LongShortTermCell(RecurrentCell):
    """Base of cells with two states, h and c, and four gates, along `gate_axis` of what is multiplied."""

    gates = 4
    gate_axis = -1

    def __init__(
        self,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            **options,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    @property
    def state_size(self) -> list[int]:
        """The sizes of h and c."""
        return [self.units, self.units]

    def _bias_start(self) -> Any:
        return self._open_gates if self.unit_forget_bias else self.bias_initializer

    def _open_gates(self, shape: Any, dtype: Any = None) -> Any:
        """A bias that forgets little at first."""
        size = self.units
        parts = [self.bias_initializer((n,), dtype=dtype) for n in (size, 2 * size)]
        return ops.concatenate([parts[0], ops.ones((size,), dtype=dtype), parts[1]])

    def advance(self, projected: Any, states: Sequence[Any], drops: Drops) -> tuple[Any, list[Any]]:
        """The output and the new states of one step."""
        i, f, g, o = ops.split(projected + self.recurrent(states[0], drops), 4, axis=self.gate_axis)
        c = self.recurrent_activation(f) * states[1] + self.recurrent_activation(i) * self.activation(g)
        h = self.recurrent_activation(o) * self.activation(c)
        return h, [h, c]


@registry.register(shapes="[batch n] -> [batch units]")
class LSTMCell(LongShortTermCell):
    """One step of LSTM: called with inputs and the states h and c, it gives an output and new states.

    Formula: i, f, o = s(x·W + h·U + b), g = a(x·W + h·U + b); c ← f·c + i·g; h ← o·a(c), the output

    Symbols: W, U, b: weights kernel, recurrent_kernel and bias, in the order i, f, g, o of columns; s:
    recurrent_activation; a: activation; unit_forget_bias: the bias of f starts at 1

    Shapes: [batch n] -> [batch units]

    Example:

    >>> import numpy as np
    >>> cell = LSTMCell(1, activation="linear", recurrent_activation="relu", kernel_initializer="ones")
    >>> output, states = cell(np.array([[2.0]]), [np.array([[0.0]]), np.array([[5.0]])])
    >>> output.tolist(), states[1].tolist()
    ([[38.0]], [[19.0]])

    Source: S. Hochreiter and J. Schmidhuber, Neural Computation 9 (1997); F. Gers et al., 2000
    """

    def __init__(self, units: Count, **options: Any) -> None:
        super().__init__(**options)
        self.units = int(units)


_ORDER = """units activation recurrent_activation use_bias kernel_initializer recurrent_initializer bias_initializer
unit_forget_bias kernel_regularizer recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint
recurrent_constraint bias_constraint dropout recurrent_dropout seed return_sequences return_state go_backwards stateful
unroll use_cudnn"""


@registry.register(shapes="[batch steps n] -> [batch units]")
class LSTM(OfCell, cell=LSTMCell, order=_ORDER):
    """Walks along a sequence with two states, of which gates decide what is kept, added and shown.

    Formula: i, f, o = s(x[t]·W + h·U + b), g = a(x[t]·W + h·U + b); c ← f·c + i·g; h ← o·a(c), for each step t

    Symbols: W, U, b: weights kernel, recurrent_kernel and bias, in the order i, f, g, o of columns; s:
    recurrent_activation; a: activation; unit_forget_bias: the bias of f starts at 1

    Shapes: [batch steps n] -> [batch units], or with return_sequences [batch steps units]

    Example:

    >>> import numpy as np
    >>> layer = LSTM(1, activation="linear", recurrent_activation="relu", kernel_initializer="ones")
    >>> layer(np.array([[[2.0]]])).tolist()
    [[8.0]]

    Source: S. Hochreiter and J. Schmidhuber, Neural Computation 9 (1997); F. Gers et al., 2000
    """
