"""A dense layer over any axes, written as an equation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kmagic import activations, constraints, initializers, regularizers
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.initializers.variance_scaling import VarianceScaling
from kmagic.layers import registry
from kmagic.layers.layer import Layer

_PATTERN = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class Equation:
    """An equation `inputs,kernel->outputs`, with `...` for axes in front or behind that are left alone."""

    def __init__(self, text: str) -> None:
        found = _PATTERN.fullmatch(text.replace(" ", ""))
        ends = found and [bool(found[place]) for place in (1, 3, 5, 7)]
        if not found or not ends or ends[:2] != ends[2:] or all(ends[:2]):
            raise BadValue(
                f"equation is {text!r}",
                where="EinsumDense",
                expected='"ab,bc->ac", "...b,bc->...c" or "ab...,bc->ac..."',
            )
        self.inputs, self.kernel, self.outputs = found[2], found[4], found[6]
        self.in_front, self.behind = ends[0], ends[1]
        loose = set(self.outputs) - set(self.inputs) - set(self.kernel)
        loose |= set(self.kernel) - set(self.inputs) - set(self.outputs)
        if loose:
            raise BadValue(
                f"equation is {text!r}", where="EinsumDense", expected=f"{min(loose)!r} in two of the three terms"
            )

    def sizes(self, input_shape: Sequence[Any], output_shape: Sequence[Any], where: str) -> dict[str, Any]:
        """The size of each letter; `output_shape` is without the batch and without axes that are left alone."""
        hidden = len(input_shape) - len(self.inputs)
        first = 0 if hidden and self.in_front else 1
        if hidden < 0 or (hidden and not (self.in_front or self.behind)) or len(output_shape) != self._outer(hidden):
            raise ShapeMismatch(
                f"input of shape {written(input_shape)} and output_shape {written(output_shape)}",
                where=where,
                expected=f"axes {self.inputs!r} and {self.outputs[first:]!r}",
            )
        start = hidden if self.in_front else 0
        sizes = dict(zip(self.inputs, input_shape[start : start + len(self.inputs)], strict=True))
        for letter, size in zip(self.outputs[first:], output_shape, strict=True):
            known = sizes.setdefault(letter, size)
            if size is not None and known not in (size, None):
                raise ShapeMismatch(f"{letter} is {known} and {size}", where=where, expected="equal sizes")
        return sizes

    def _outer(self, hidden: int) -> int:
        """How many axes of the output have to be given: all but the batch, and it may be among those left alone."""
        return len(self.outputs) - (0 if hidden and self.in_front else 1)


@registry.register(shapes="[batch *d] -> [batch *e]")
class EinsumDense(Layer):
    """A dense layer whose weighted sums run over any axes of the input, as an equation says.

    Formula: y = f(einsum(equation, x, W) + b)

    Symbols: W: kernel, b: bias along the axes of the output that `bias_axes` names (None: no bias), f: activation,
    output_shape: sizes of the output without the batch and axes that "..." stands for (None: unknown)

    Shapes: [batch *d] -> [batch *e]

    Example:

    >>> import numpy as np
    >>> layer = EinsumDense("abc,cd->abd", (None, 2), bias_axes="d", kernel_initializer="ones")
    >>> layer(np.array([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[[3.0, 3.0], [7.0, 7.0]]]
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.equation, self.bias_axes = equation, bias_axes
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._terms = Equation(equation)
        if bias_axes is not None and (not bias_axes or set(bias_axes) - set(self._terms.outputs)):
            raise BadValue(
                f"bias_axes is {bias_axes!r}", where="EinsumDense", expected=f"some of {self._terms.outputs!r}"
            )

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias."""
        terms = self._terms
        sizes = terms.sizes(input_shape, self.partial_output_shape, self.path)
        shape = [sizes[letter] for letter in terms.kernel]
        if None in shape:
            raise ShapeMismatch(
                f"input of shape {written(input_shape)}", where=self.path, expected=f"known sizes of {terms.kernel!r}"
            )
        self.kernel = self.add_weight(
            shape, self._start(), None, True, True, self.kernel_regularizer, self.kernel_constraint, "kernel"
        )
        self.bias = None
        if self.bias_axes is not None:
            ways = terms.outputs[min(map(terms.outputs.index, self.bias_axes)) :]
            hidden = len(input_shape) - len(terms.inputs) if terms.behind else 0
            size = [*(sizes[letter] if letter in self.bias_axes else 1 for letter in ways), *(1,) * hidden]
            self.bias = self.add_weight(
                size, self.bias_initializer, None, True, True, self.bias_regularizer, self.bias_constraint, "bias"
            )

    def _start(self) -> Any:
        """The initializer, told which axes of the kernel are inputs and which outputs."""
        given = self.kernel_initializer
        if not isinstance(given, VarianceScaling) or (given.input_axes is not None and given.output_axes is not None):
            return given
        outer = [i for i, letter in enumerate(self._terms.kernel) if letter in self._terms.outputs]
        inner = [i for i in range(len(self._terms.kernel)) if i not in outer]
        return type(given).from_config({**given.get_config(), "input_axes": inner, "output_axes": outer})

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; `output_shape` is also the name of what came out."""
        return {**super().get_config(), "output_shape": list(self.partial_output_shape)}

    def call(self, inputs: Any) -> Any:
        found = ops.einsum(self.equation, inputs, self.kernel)
        return self.activation(found if self.bias is None else found + self.bias)
