from __future__ import annotations

import math
from typing import Any

import numpy as np

from kmagic.base.dtypes import standard
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import Number
from kmagic.base.shapes import written
from kmagic.graph.draw import normal
from kmagic.graph.seed import SeedGenerator
from kmagic.initializers import registry
from kmagic.initializers.initializer import RandomInitializer


@registry.register("OrthogonalInitializer", shapes="-> [*d rows columns]")
class Orthogonal(RandomInitializer):
    """A random orthogonal matrix: signals keep their length on the way through many layers or steps.

    Formula: w = gain·Q, columns of Q (rows, where there are fewer) of length 1 and at right angles

    Symbols: Q: from the QR decomposition of normally distributed numbers, all rotations being equally likely; axes
    before the last count as rows

    Shapes: -> [*d rows columns]

    Example:

    >>> q = Orthogonal(seed=1)((4, 2))
    >>> bool(np.allclose(q.T @ q, np.eye(2), atol=1e-6))
    True

    Source: A. Saxe, J. McClelland and S. Ganguli, ICLR 2014; F. Mezzadri, Notices AMS 54 (2007), for the signs
    """

    def __init__(self, gain: Number = 1.0, seed: int | SeedGenerator | None = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def values(self, shape: tuple[int, ...], dtype: Any) -> Any:
        if len(shape) < 2:
            raise ShapeMismatch(
                f"a weight of shape {written(shape)}", where="Orthogonal", expected="[*d rows columns], at least 2 axes"
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        drawn = normal((max(rows, columns), min(rows, columns)), dtype="float64", seed=self.source)
        q, r = np.linalg.qr(np.asarray(drawn))
        # the decomposition's own signs would prefer some rotations
        q = q * np.sign(np.diagonal(r))
        return (self.gain * (q if rows >= columns else q.T)).reshape(shape).astype(standard(dtype))
