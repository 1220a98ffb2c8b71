"""Operations as functions of arrays: what they give, and the gradients of a weighted sum of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import inputs
from .area import Arguments, Library, Results
from .reading import numpy_of

Array = np.ndarray


def given(results: Any) -> Any:
    """Results as they come."""
    return results


@dataclass(frozen=True)
class OperationCase:
    """One call. `seen` makes of its results what is unique: eigenvectors, say, may have either sign.

    The gradient is taken by the first `slopes` arrays, or by none.
    """

    part: str
    arrays: Sequence[Array]
    arguments: Arguments = field(default_factory=dict)
    slopes: int = 1
    seen: Callable[[Any], Any] = given

    @property
    def name(self) -> str:
        shapes = [str(list(array.shape)) for array in self.arrays]
        options = [f"{name}={value!r}" for name, value in self.arguments.items() if not isinstance(value, Array)]
        others = [f"{name}={list(value.shape)}" for name, value in self.arguments.items() if isinstance(value, Array)]
        return f"{self.part}({', '.join([*shapes, *options, *others])})"


def values_and_slopes(library: Library, case: OperationCase) -> Results:
    """All results of a call, and the gradients of their sum weighted with random numbers."""

    def call(*tensors: Any) -> Any:
        return case.seen(getattr(library.ops, case.part)(*tensors, **case.arguments))

    return values_and_slopes_of(library, call, case.arrays, case.slopes, case.part)


def values_and_slopes_of(
    library: Library, call: Callable[..., Any], arrays: Sequence[Array], slopes: int, seed: str
) -> Results:
    """All results of a function of tensors, and the gradients of their weighted sum by the first `slopes` of them."""

    def called(*given: Any) -> list[Any]:
        found = call(*(library.ops.convert_to_tensor(array) for array in given))
        return list(found) if isinstance(found, tuple | list) else [found]

    values = [numpy_of(value) for value in called(*arrays)]
    results = {f"value/{place}": value for place, value in enumerate(values)}
    if slopes:
        weights = [inputs.normal(seed, place, shape=value.shape) for place, value in enumerate(values)]
        kept = arrays[slopes:]

        def total(*moved: Any) -> Any:
            pairs = zip(called(*moved, *kept), weights, strict=True)
            return sum(library.ops.sum(value * library.ops.convert_to_tensor(weight)) for value, weight in pairs)

        found = gradients(library, total, arrays[:slopes])
        results |= {f"gradient/{place}": numpy_of(part) for place, part in enumerate(found)}
    return results


def gradients(library: Library, total: Callable[..., Any], arrays: Sequence[Array]) -> Sequence[Any]:
    """The gradients of a number, as the library or the engine below it finds them."""
    places = tuple(range(len(arrays)))
    if hasattr(library, "grad"):
        return library.grad(total, places)(*arrays)
    if library.config.backend() == "jax":
        import jax

        return jax.grad(total, places)(*arrays)
    import torch

    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    total(*leaves).backward()
    return [leaf.grad for leaf in leaves]
