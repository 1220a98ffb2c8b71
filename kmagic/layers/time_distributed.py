"""A layer on each step of a sequence."""

from __future__ import annotations

from typing import Any

from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.wrapper import Wrapper, build_inside


@registry.register(shapes="[batch steps *d] -> [batch steps *e]")
class TimeDistributed(Wrapper):
    """One layer on each step of a sequence by itself.

    Formula: y[b, t, …] = layer(x[b, t, …])

    Shapes: [batch steps *d] -> [batch steps *e]

    Example:

    >>> import numpy as np
    >>> from kmagic.layers import Flatten
    >>> TimeDistributed(Flatten())(np.zeros((2, 3, 4, 5))).shape
    (2, 3, 20)
    """

    supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of the layer inside, for one step."""
        if len(input_shape) < 3:
            raise ShapeMismatch(
                f"input of shape {shapes.written(input_shape)}", where=self.path, expected="[batch steps *features]"
            )
        build_inside(self.layer, (input_shape[0], *input_shape[2:]))

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        if mask is not None and tuple(mask.shape[:2]) != tuple(inputs.shape[:2]):
            raise ShapeMismatch(
                f"mask of shape {shapes.written(mask.shape)} beside input {shapes.written(inputs.shape)}",
                where=self.path,
                expected="a mask [batch steps *d] of as many rows and steps",
            )
        if training and any(not weight.trainable for weight in self.layer.weights):
            # statistics of a batch are those of a step, and follow each other
            return self._swapped(ops.map(lambda now: self._inside(now[0], now[1], True), self._steps(inputs, mask)))
        rows = inputs.shape[0] * inputs.shape[1]
        flat = [None if x is None else ops.reshape(x, (rows, *x.shape[2:])) for x in (inputs, mask)]
        found = self._inside(flat[0], flat[1], training)
        return ops.reshape(found, (*inputs.shape[:2], *found.shape[1:]))

    def _inside(self, inputs: Any, mask: Any, training: bool) -> Any:
        given = {"mask": mask, "training": training}
        return self.layer(inputs, **{name: given[name] for name in given if name in self.layer._takes})

    def _steps(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        return self._swapped(inputs), None if mask is None else self._swapped(mask)

    def _swapped(self, x: Any) -> Any:
        return ops.transpose(x, (1, 0, *range(2, len(x.shape))))
