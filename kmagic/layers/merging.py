"""Layers that make one of several inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from kmagic.base.errors import BadType, BadValue, ShapeMismatch
from kmagic.base.shapes import written
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer, known

_SAME = "[batch *d], [batch *d] -> [batch *d]"


class Merge(Layer):
    """Base of layers that are called on a list of inputs; those with fewer axes get more behind the batch."""

    supports_masking = True
    fewest, most = 1, 0  # inputs; 0: any number

    def build(self, input_shape: Any) -> None:
        """Check that the inputs fit together."""
        shapes = self._listed(input_shape)
        batches = {shape[0] for shape in shapes if shape} - {None}
        if len(batches) > 1:
            raise self._misfit(shapes, "equal batches")

    def _listed(self, inputs: Any) -> Any:
        """Inputs, or their shapes, as a list of as many as there must be."""
        several = isinstance(inputs, list | tuple) and not (inputs and isinstance(inputs[0], int | None))
        if not several:
            raise BadType("one input", where=self.path, expected="a list of inputs", fix=f"{self.name}([a, b])")
        if len(inputs) < self.fewest or (self.most and len(inputs) > self.most):
            count = f"{self.most} inputs" if self.most else f"{self.fewest} inputs or more"
            raise BadValue(f"{len(inputs)} inputs", where=self.path, expected=count)
        return inputs

    def _misfit(self, shapes: Sequence[Any], expected: str) -> ShapeMismatch:
        found = " and ".join(written(known(shape)) for shape in shapes)
        return ShapeMismatch(f"inputs of shapes {found}", where=self.path, expected=expected)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        values = list(self._listed(inputs))
        masks = list(mask) if isinstance(mask, list | tuple) else [None] * len(values)
        return self.merged(self.aligned(values), masks)

    def aligned(self, values: Sequence[Any]) -> Sequence[Any]:
        """The inputs as they are merged; raise where they do not fit together."""
        rank = max(len(ops.shape(value)) for value in values)
        level = [_raised(value, rank) for value in values]
        for axes in zip(*map(ops.shape, level), strict=True):
            if len(set(axes) - {1}) > 1:
                raise self._misfit(list(map(ops.shape, values)), "equal axes, or 1")
        return level

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        """One value of several that broadcast together."""
        raise NotImplementedError

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Where one of the inputs counts, if all have a mask."""
        if not isinstance(previous_mask, list | tuple) or any(mask is None for mask in previous_mask):
            return None
        return functools.reduce(ops.logical_or, previous_mask)


def _raised(value: Any, rank: int) -> Any:
    """With as many axes as the others, the new ones behind the batch."""
    shape = ops.shape(value)
    missing = rank - len(shape)
    return ops.reshape(value, (*shape[:1], *(1,) * missing, *shape[1:])) if missing and shape else value


def _spread(mask: Any, value: Any) -> Any:
    """A mask for each entry."""
    return None if mask is None else ops.broadcast_to(ops.expand_dims(ops.cast(mask, "bool"), -1), ops.shape(value))


@registry.register(shapes=_SAME)
class Add(Merge):
    """The sum of all inputs.

    Formula: y = Σᵢ xᵢ

    Shapes: [batch *d], [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Add()([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).tolist()
    [[4.0, 6.0]]
    """

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        return functools.reduce(ops.add, values)


@registry.register(shapes=_SAME)
class Subtract(Merge):
    """The first of two inputs less the second.

    Formula: y = x₁ − x₂

    Shapes: [batch *d], [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Subtract()([np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]])]).tolist()
    [[-2.0, -3.0]]
    """

    fewest = most = 2

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        return ops.subtract(*values)


@registry.register(shapes=_SAME)
class Multiply(Merge):
    """The product of all inputs; what a mask hides counts as 1, and as 0 where all inputs hide it.

    Formula: y = Πᵢ xᵢ

    Shapes: [batch *d], [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Multiply()([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).tolist()
    [[3.0, 8.0]]
    """

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        kept = [_spread(mask, value) for mask, value in zip(masks, values, strict=True)]
        pairs = zip(values, kept, strict=True)
        product = functools.reduce(ops.multiply, [x if m is None else ops.where(m, x, 1) for x, m in pairs])
        if any(mask is None for mask in kept):
            return product
        return ops.where(functools.reduce(ops.logical_or, kept), product, 0)


@registry.register(shapes=_SAME)
class Average(Merge):
    """The mean of all inputs.

    Formula: y = Σᵢ xᵢ / n

    Symbols: n: number of inputs

    Shapes: [batch *d], [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Average()([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).tolist()
    [[2.0, 3.0]]
    """

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        return functools.reduce(ops.add, values) / len(values)


def _extreme(choose: Callable[[Any, Any], Any], values: Sequence[Any], masks: Sequence[Any]) -> Any:
    """The larger or smaller of the entries that masks do not hide."""
    found, seen = values[0], _spread(masks[0], values[0])
    for value, mask in zip(values[1:], masks[1:], strict=True):
        kept = _spread(mask, value)
        other = value if kept is None else ops.where(kept, value, found)
        found = choose(found if seen is None else ops.where(seen, found, other), other)
        seen = None if seen is None or kept is None else ops.logical_or(seen, kept)
    return found


@registry.register(shapes=_SAME)
class Maximum(Merge):
    """The largest of all inputs, of those that no mask hides.

    Formula: y = maxᵢ xᵢ

    Shapes: [batch *d], [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Maximum()([np.array([[1.0, 5.0]]), np.array([[3.0, 4.0]])]).tolist()
    [[3.0, 5.0]]
    """

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        return _extreme(ops.maximum, values, masks)


@registry.register(shapes=_SAME)
class Minimum(Merge):
    """The smallest of all inputs, of those that no mask hides.

    Formula: y = minᵢ xᵢ

    Shapes: [batch *d], [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Minimum()([np.array([[1.0, 5.0]]), np.array([[3.0, 4.0]])]).tolist()
    [[1.0, 4.0]]
    """

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        return _extreme(ops.minimum, values, masks)


@registry.register(shapes="[batch *d m], [batch *d n] -> [batch *d k]")
class Concatenate(Merge):
    """The inputs one after the other along an axis.

    Formula: y = (x₁, x₂, …) along `axis`

    Shapes: [batch *d m], [batch *d n] -> [batch *d k], k = m + n

    Example:

    >>> import numpy as np
    >>> Concatenate()([np.array([[1.0, 2.0]]), np.array([[3.0]])]).tolist()
    [[1.0, 2.0, 3.0]]
    """

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        """Check that there are several."""
        self._listed(input_shape)

    def aligned(self, values: Sequence[Any]) -> Sequence[Any]:
        shapes = list(map(ops.shape, values))
        rank = len(shapes[0])
        if not -rank <= self.axis < rank:
            raise self._misfit(shapes, f"an axis {self.axis}")
        place = self.axis % rank
        rest = {(*shape[:place], *shape[place + 1 :]) for shape in shapes}
        if len(rest) > 1 or {len(shape) for shape in shapes} != {rank}:
            raise self._misfit(shapes, f"equal shapes, except for axis {self.axis}")
        return values

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        return ops.concatenate(values, self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Where one entry along the last axis counts; an input without a mask counts wholly."""
        if not isinstance(previous_mask, list | tuple) or all(mask is None for mask in previous_mask):
            return None
        pairs = zip(inputs, previous_mask, strict=True)
        masks = [ops.ones_like(x, "bool") if mask is None else _alike(mask, x) for x, mask in pairs]
        return ops.any(ops.concatenate(masks, self.axis), -1)


def _alike(mask: Any, value: Any) -> Any:
    return _spread(mask, value) if len(ops.shape(mask)) < len(ops.shape(value)) else ops.cast(mask, "bool")


@registry.register(shapes="[batch n *d], [batch n *e] -> [batch *f]")
class Dot(Merge):
    """Sums of products of two inputs over an axis of each, sample by sample.

    Formula: y[b, i, j] = Σₖ x₁[b, i, k]·x₂[b, k, j] for axes = (2, 1)

    Symbols: normalize: the vectors along the axes are brought to length 1 before, so that cosines come out

    Shapes: [batch n *d], [batch n *e] -> [batch *f]

    Example:

    >>> import numpy as np
    >>> Dot(axes=1)([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).tolist()
    [[11.0]]
    """

    fewest = most = 2

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **options: Any) -> None:
        super().__init__(**options)
        pair = (axes, axes) if isinstance(axes, int) else axes
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
            raise BadValue(f"axes is {axes!r}", where="Dot", expected="an axis, or one for each input")
        self.axes, self.normalize = axes, bool(normalize)

    def _places(self, values: Sequence[Any]) -> list[int]:
        """The axis of each input, counted from the left."""
        shapes = list(map(ops.shape, values))
        given = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        if any(not -len(shape) <= axis < len(shape) for axis, shape in zip(given, shapes, strict=True)):
            raise self._misfit(shapes, f"axes {given}")
        return [axis % len(shape) for axis, shape in zip(given, shapes, strict=True)]

    def aligned(self, values: Sequence[Any]) -> Sequence[Any]:
        shapes, places = list(map(ops.shape, values)), self._places(values)
        sizes = {shape[place] for shape, place in zip(shapes, places, strict=True)}
        if 0 in places or len(sizes) > 1 or min(map(len, shapes)) < 2:
            raise self._misfit(shapes, f"equal axes {self.axes}, none of them the batch")
        return values

    def merged(self, values: Sequence[Any], masks: Sequence[Any]) -> Any:
        places = self._places(values)
        if self.normalize:
            values = [ops.normalize(value, place) for value, place in zip(values, places, strict=True)]
        return _summed(values, places)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """None: the steps are summed over."""
        return None


def _summed(values: Sequence[Any], places: Sequence[int]) -> Any:
    """Sums of products over an axis of each value, for each sample."""
    names = [list("bcdefg"[: len(ops.shape(values[0]))]), ["b", *"uvwxy"[: len(ops.shape(values[1])) - 1]]]
    for letters, place in zip(names, places, strict=True):
        letters[place] = "k"
    left, right = ("".join(letters) for letters in names)
    result = (left + right[1:]).replace("k", "")
    found = ops.einsum(f"{left},{right}->{result}", *values)
    return ops.expand_dims(found, -1) if len(result) == 1 else found


def _function(cls: Any, name: str, sentence: str) -> None:
    """Offer a layer as a function of its inputs."""

    def merged(inputs: Any, **kwargs: Any) -> Any:
        return cls(**kwargs)(inputs)

    merged.__name__ = merged.__qualname__ = name
    merged.__doc__ = sentence
    registry.export(name, merged)


_function(Add, "add", "The sum of a list of inputs.")
_function(Subtract, "subtract", "The first of two inputs less the second.")
_function(Multiply, "multiply", "The product of a list of inputs.")
_function(Average, "average", "The mean of a list of inputs.")
_function(Maximum, "maximum", "The largest of a list of inputs.")
_function(Minimum, "minimum", "The smallest of a list of inputs.")


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """A list of inputs one after the other along an axis."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """Sums of products of two inputs over an axis of each."""
    return Dot(axes=axes, **kwargs)(inputs)


registry.export("concatenate", concatenate)
registry.export("dot", dot)
