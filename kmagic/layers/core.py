"""Core layers: the dense layer."""

from __future__ import annotations

from typing import Any

from kmagic import activations, constraints, initializers, regularizers
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Count
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer, known


@registry.register(shapes="[batch *d features] -> [batch *d units]")
class Dense(Layer):
    """Every output is a weighted sum of all inputs, plus a bias, through an activation.

    Formula: y = f(x·W + b)

    Symbols: x: input, W: kernel [features units], b: bias [units], f: activation

    Shapes: [batch *d features] -> [batch *d units]

    Example:

    >>> import numpy as np
    >>> layer = Dense(2, kernel_initializer="ones", bias_initializer="ones")
    >>> layer(np.array([[1.0, 2.0]])).tolist()
    [[4.0, 4.0]]

    Source: F. Rosenblatt, Psychological Review 65 (1958)
    """

    supports_masking = True

    def __init__(
        self,
        units: Count,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **options)
        self.units = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias."""
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise ShapeMismatch(
                f"input of shape {written(input_shape)}",
                where=self.path,
                expected="[batch *d features], the number of features known",
                fix=f"Dense({self.units}, input_dim=...) or an Input before it",
            )
        self.kernel = self.add_weight(
            (input_shape[-1], self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = (
            self.add_weight(
                (self.units,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
            if self.use_bias
            else None
        )

    def call(self, inputs: Any) -> Any:
        features = inputs.shape[-1] if inputs.shape else None
        if len(inputs.shape) < 2 or features != self.kernel.shape[0]:
            raise ShapeMismatch(
                f"input of shape {written(known(inputs.shape))}",
                where=self.path,
                expected=f"[batch *d {self.kernel.shape[0]}]",
                fix="x[None, :] for a single sample" if features == self.kernel.shape[0] else None,
            )
        product = ops.matmul(inputs, self.kernel)
        return self.activation(product if self.bias is None else product + self.bias)
