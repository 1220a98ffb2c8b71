"""Gated recurrent units: recurrence with one state that gates protect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic import activations
from kmagic.base.parameters import Count, Fraction
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.recurrent import OfCell
from kmagic.layers.recurrent_cell import Drops, RecurrentCell


@registry.register(shapes="[batch n] -> [batch units]")
class GRUCell(RecurrentCell):
    """One step of GRU: called with inputs and states, it gives an output and new states.

    Formula: z, r = s(x·W + h·U + b); g = a(x·W + r·(h·U) + b), or a(x·W + (r·h)·U + b); h ← z·h + (1 − z)·g

    Symbols: h: state and output; W, U, b: weights kernel, recurrent_kernel and bias, in the order z, r, g of columns;
    s: recurrent_activation; a: activation; reset_after: the first form of g, with a bias [2 3·units] for both products

    Shapes: [batch n] -> [batch units]

    Example:

    >>> import numpy as np
    >>> cell = GRUCell(1, activation="linear", recurrent_activation="relu", kernel_initializer="ones")
    >>> output, states = cell(np.array([[2.0]]), [np.array([[0.0]])])
    >>> output.tolist(), states[0].tolist()
    ([[-2.0]], [[-2.0]])

    Source: K. Cho et al., EMNLP 2014
    """

    gates = 3

    def __init__(
        self,
        units: Count,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: Fraction = 0.0,
        recurrent_dropout: Fraction = 0.0,
        reset_after: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            **options,
        )
        self.units = int(units)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def _input_bias(self) -> Any:
        return self.bias.value[0] if self.bias is not None and self.reset_after else self.bias

    def advance(self, projected: Any, states: Sequence[Any], drops: Drops) -> tuple[Any, list[Any]]:
        """The output and the new states of one step."""
        h, size = states[0], self.units
        gates = projected[..., : 2 * size]
        if self.reset_after:
            found = self.recurrent(h, drops)
            if self.bias is not None:
                found = found + self.bias.value[1]
            z, r = ops.split(self.recurrent_activation(gates + found[..., : 2 * size]), 2, axis=-1)
            inner = r * found[..., 2 * size :]
        else:
            z, r = ops.split(self.recurrent_activation(gates + self.recurrent(h, drops, 0, 2)), 2, axis=-1)
            inner = self.recurrent(r * h, drops, 2)
        new = z * h + (1 - z) * self.activation(projected[..., 2 * size :] + inner)
        return new, [new]


_ORDER = """units activation recurrent_activation use_bias kernel_initializer recurrent_initializer bias_initializer
kernel_regularizer recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint recurrent_constraint
bias_constraint dropout recurrent_dropout seed return_sequences return_state go_backwards stateful unroll reset_after
use_cudnn"""


@registry.register(shapes="[batch steps n] -> [batch units]")
class GRU(OfCell, cell=GRUCell, order=_ORDER):
    """Walks along a sequence with one state, of which gates decide what is kept and what comes anew.

    Formula: z, r = s(x[t]·W + h·U + b); g = a(x[t]·W + r·(h·U) + b); h ← z·h + (1 − z)·g, for each step t

    Symbols: h: state and output; W, U, b: weights kernel, recurrent_kernel and bias, in the order z, r, g of columns;
    s: recurrent_activation; a: activation; reset_after=False: (r·h)·U in place of r·(h·U)

    Shapes: [batch steps n] -> [batch units], or with return_sequences [batch steps units]

    Example:

    >>> import numpy as np
    >>> layer = GRU(1, activation="linear", recurrent_activation="relu", kernel_initializer="ones")
    >>> layer(np.array([[[2.0]]])).tolist()
    [[-2.0]]

    Source: K. Cho et al., EMNLP 2014
    """
