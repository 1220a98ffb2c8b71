"""Spectral normalization: weights divided by their largest singular value."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadType
from kmagic.base.parameters import Count
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.initializers.truncated_normal import TruncatedNormal
from kmagic.layers import registry
from kmagic.layers.wrapper import Wrapper


@registry.register(shapes="[batch *d] -> [batch *e]")
class SpectralNormalization(Wrapper):
    """A layer whose kernel is divided, before each training step, by an estimate of its largest singular value.

    Formula: v ← u·Wᵀ / |u·Wᵀ|, u ← v·W / |v·W|, power_iterations times; W ← W / (v·W·uᵀ)

    Symbols: W: weight kernel or embeddings of the layer, its last axis against all others; u: weight vector_u

    Shapes: [batch *d] -> [batch *e]

    Example:

    >>> import numpy as np
    >>> from kmagic.layers import Dense
    >>> layer = SpectralNormalization(Dense(2, kernel_initializer="ones"))
    >>> layer(np.array([[1.0, 1.0]]), training=True).round(3).tolist()
    [[1.0, 1.0]]

    Training goes on from the divided kernel, as with Keras on torch; Keras on JAX divides for the step only.

    Source: T. Miyato et al., ICLR 2018
    """

    def __init__(self, layer: Any, power_iterations: Count = 1, **options: Any) -> None:
        super().__init__(layer, **options)
        self.power_iterations = int(power_iterations)

    kernel: Variable

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of the layer inside, and u."""
        super().build(input_shape)
        kernel = getattr(self.layer, "kernel", getattr(self.layer, "embeddings", None))
        if not isinstance(kernel, Variable):
            found = f"{type(self.layer).__name__} has no kernel"
            raise BadType(found, where=self.path, expected="a layer with kernel or embeddings")
        self.kernel = kernel
        self.vector_u = self.add_weight(
            (1, self.kernel.shape[-1]),
            TruncatedNormal(stddev=0.02),
            self.kernel.dtype,
            trainable=False,
            name="vector_u",
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            self._normalize()
        takes = "training" in self.layer._takes
        return ops.cast(self.layer(inputs, **({"training": training} if takes else {})), inputs.dtype)

    def _normalize(self) -> None:
        """Take one estimate further, and divide the kernel by it; a kernel of zeros stays."""
        kernel, u = self.kernel.value, self.vector_u.value
        matrix, start = ops.reshape(kernel, (-1, kernel.shape[-1])), u
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(matrix)), axis=None)
            u = ops.normalize(ops.matmul(v, matrix), axis=None)
        u, v = ops.stop_gradient(u), ops.stop_gradient(v)
        sigma = ops.reshape(ops.matmul(ops.matmul(v, matrix), ops.transpose(u)), ())
        empty = ops.all(ops.equal(kernel, 0))
        self.vector_u.assign(ops.where(empty, start, u))
        self.kernel.assign(ops.where(empty, kernel, kernel / ops.where(empty, 1, sigma)))
