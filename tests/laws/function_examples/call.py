"""One call of a public function, and what it must give."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Call:
    """A function of arrays and a formula for it, both given the same arrays.

    `shapes` are those of the arrays; where `batch` is true a first axis is put before each and is unknown while
    tracing. `smooth` says that finite differences can test the gradient; it matters only where an input is a float.
    """

    function: Callable[..., Any]
    formula: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...] = ((4,),)
    dtypes: tuple[str, ...] = ("float64",)
    low: float = -2.0
    high: float = 2.0
    batch: bool = True
    smooth: bool = True
    tolerance: float = 1e-12

    def arrays(self, rows: int) -> list[Array]:
        """Inputs, drawn between `low` and `high`."""
        generator = np.random.default_rng(rows)
        kinds = self.dtypes * len(self.shapes)
        shapes = [(rows, *shape) if self.batch else shape for shape in self.shapes]
        return [
            generator.uniform(self.low, self.high, shape).astype(dtype)
            for shape, dtype in zip(shapes, kinds, strict=False)
        ]
