"""The base of recurrent cells: their weights, and what of a step does not need the step before.

A cell is split in two. `project` takes what depends on the inputs alone: a layer that walks along a sequence does it
for all steps in one product. `advance` does the rest, one step after the other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from kmagic import activations, constraints, initializers, regularizers
from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Fraction
from kmagic.base.trees import is_nested, leaves, mapped
from kmagic.graph.draw import dropout
from kmagic.graph.load import ops
from kmagic.graph.seed import SeedGenerator
from kmagic.graph.variable import Variable
from kmagic.layers.layer import Layer
from kmagic.layers.randomness import generator_of

# what dropout multiplies inputs and state by: nothing, one array, or one for each gate
Drops = tuple[list[Any], list[Any]]
Multiply = Callable[[Any, Any], Any]


class RecurrentCell(Layer):
    """Base of the recurrent cells with `gates` blocks of `units` columns in their kernels; subclasses set `units`."""

    gates = 1
    units: int
    shows_state = True
    kernel: Variable
    recurrent_kernel: Variable

    def __init__(
        self,
        activation: Any = "tanh",
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
        seed: int | SeedGenerator | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout, self.recurrent_dropout, self.seed = dropout, recurrent_dropout, seed
        self.seed_generator = generator_of(self, seed, "recurrent dropout")
        self.bias: Variable | None = None

    @property
    def state_size(self) -> int | list[int]:
        """The size of the state, or of each."""
        return self.units

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self.units

    def build(self, input_shape: Any) -> None:
        """Make kernel, recurrent kernel and bias."""
        if input_shape[-1] is None:
            raise ShapeMismatch(
                f"input of shape {shapes.written(input_shape)}",
                where=self.path,
                expected="[batch features], the number of features known",
            )
        self.make_weights((), input_shape[-1])

    def make_weights(self, window: Sequence[int], features: int) -> None:
        """Make weights for so many features at each place of a window; of a matrix it has no axes."""
        width = self.gates * self.units
        weights = [
            ("kernel", "kernel", (*window, features, width), self.kernel_initializer),
            ("recurrent_kernel", "recurrent", (*window, self.units, width), self.recurrent_initializer),
            *([("bias", "bias", self._bias_shape(), self._bias_start())] if self.use_bias else []),
        ]
        for name, stem, shape, start in weights:
            rules = getattr(self, f"{stem}_regularizer"), getattr(self, f"{stem}_constraint")
            setattr(self, name, self.add_weight(shape, start, None, True, True, *rules, name))

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    def _bias_start(self) -> Any:
        return self.bias_initializer

    def call(self, inputs: Any, states: Any = None, training: bool = False) -> Any:
        states = self.get_initial_state(inputs.shape[0]) if states is None else states
        drops = self.drawn(inputs.shape[0], training)
        output, new = self.advance(self.project(inputs, drops), states if is_nested(states) else [states], drops)
        return output, new if is_nested(states) else new[0]

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """States of zeros."""
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in leaves(self.state_size)]

    def drawn(self, batch: Any, training: bool) -> Drops:
        """What dropout multiplies by, the same in all steps."""
        if not training:
            return [], []
        # with recurrent dropout each gate has noise of its own
        count = self.gates if self.recurrent_dropout else 1
        return (
            self.noise(self.dropout, (batch, self.kernel.shape[0]), count),
            self.noise(self.recurrent_dropout, (batch, self.units), count),
        )

    def noise(self, rate: float, shape: Any, count: int) -> list[Any]:
        """What dropout at a rate multiplies by, drawn so many times."""
        ones = ops.ones(shape, dtype=self.compute_dtype)
        return [dropout(ones, rate, seed=self.seed_generator) for _ in range(count if rate else 0)]

    def project(self, inputs: Any, drops: Drops) -> Any:
        """What depends on the inputs alone, of one step or of many: [*d batch features] -> [*d batch gates·units]."""
        if inputs.shape[-1] != self.kernel.shape[0]:
            raise ShapeMismatch(
                f"{inputs.shape[-1]} features", where=self.path, expected=f"{self.kernel.shape[0]} features"
            )
        product = blockwise(ops.matmul, inputs, self.kernel, drops[0])
        bias = self._input_bias()
        return product if bias is None else product + bias

    def _input_bias(self) -> Any:
        return self.bias

    def advance(self, projected: Any, states: Sequence[Any], drops: Drops) -> tuple[Any, list[Any]]:
        """The output and the new states of one step."""
        raise NotImplementedError

    def output_of(self, states: Any) -> Any:
        """The output of the step that ended in these states."""
        return states[0]

    def recurrent(self, state: Any, drops: Drops, first: int = 0, last: int | None = None) -> Any:
        """The product of a state with the recurrent kernel, of the gates from `first` to before `last`."""
        last = self.gates if last is None else last
        kernel = self.recurrent_kernel
        if (first, last) != (0, self.gates):
            kernel = kernel.value[:, first * self.units : last * self.units]
        return blockwise(ops.matmul, state, kernel, drops[1][first:last] if len(drops[1]) > 1 else drops[1])


def blockwise(multiply: Multiply, x: Any, kernel: Any, noise: Sequence[Any], axis: int = -1) -> Any:
    """x·kernel with noise on x: one for all columns, or one for each block of them, which come back along an axis."""
    if len(noise) < 2:
        return multiply(x * noise[0] if noise else x, kernel)
    blocks = ops.split(ops.convert_to_tensor(kernel), len(noise), axis=-1)
    return ops.concatenate([multiply(x * own, block) for own, block in zip(noise, blocks, strict=True)], axis=axis)


# ---- what is asked of any cell, also of one that a user wrote with nothing but call(inputs, states) ----


def drawn(cell: Any, batch: Any, training: bool) -> Any:
    """What a cell draws before the first step; for one that draws in each step, whether it is training."""
    return cell.drawn(batch, training) if hasattr(cell, "drawn") else training


def projected(cell: Any, inputs: Any, drops: Any) -> Any:
    """What of a step depends on the inputs alone, or the inputs."""
    return cell.project(inputs, drops) if hasattr(cell, "project") else inputs


def advanced(cell: Any, value: Any, states: Any, drops: Any) -> Any:
    """The output and the new states of one step, given what `projected` made."""
    if hasattr(cell, "advance"):
        return cell.advance(value, states, drops)
    takes = inspect.signature(cell.call).parameters
    step = cell if isinstance(cell, Layer) else cell.call
    return step(value, states, **({"training": drops} if "training" in takes else {}))


def initial_states(cell: Any, batch: Any, dtype: str) -> list[Any]:
    """The states before the first step."""
    if hasattr(cell, "get_initial_state"):
        found = cell.get_initial_state(batch_size=batch)
    else:
        found = mapped(lambda size: ops.zeros((batch, size), dtype=dtype), cell.state_size)
    return list(found) if is_nested(found) else [found]


def output_shape_of(cell: Any, batch: Any) -> tuple[Any, ...]:
    """The shape of what a cell gives for so many rows; its `output_size` is one axis, or several."""
    size = getattr(cell, "output_size", None)
    return (batch, *leaves(leaves(cell.state_size)[0] if size is None else size))
