"""Building layers: the shapes that `build` gets, and that a layer knows when it was built."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kmagic.base.trees import leaves, mapped
from kmagic.graph.symbol import Symbol
from kmagic.layers import scope

KnownShape = tuple[int | None, ...]


def built_shape(value: Any) -> KnownShape:
    """The shape that a layer is built for, given an input."""
    shape = tuple(axis if isinstance(axis, int) else None for axis in value.shape)
    # a batch of data says nothing about the size of later batches
    return shape if isinstance(value, Symbol) or not shape else (None, *shape[1:])


def further_shapes(
    build: Callable[..., Any], names: Sequence[str], args: Sequence[Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """The shapes of further inputs of a call, for a `build` with parameters called after them.

    >>> class Value:
    ...     shape = (5, 3)
    >>> further_shapes(lambda a_shape, b_shape, c_shape=None: None, ["a", "b", "c"], [Value()], {})
    {'b_shape': (None, 3)}
    """
    wanted = list(inspect.signature(build).parameters)[1:]
    given = {**dict(zip(names[1:], args, strict=False)), **options}
    return {
        f"{name}_shape": mapped(built_shape, value)
        for name, value in given.items()
        if f"{name}_shape" in wanted and leaves(value) and all(hasattr(leaf, "shape") for leaf in leaves(value))
    }


def marking(build: Any) -> Any:
    """A `build` in the scope of its layer, and after which the layer is built, also where a user calls it."""

    @functools.wraps(build)
    def marked(self: Any, input_shape: Any = None, *further: Any, **named: Any) -> None:
        with _in_scope(self):
            if input_shape is None and named:  # also the first one may be named, as after an argument of `call`
                build(self, **named)
                input_shape = next(iter(named.values()))
            else:
                build(self, input_shape, *further, **named)
        if input_shape is not None:
            self.built = True
            if self._built_input_shape is None:
                self._built_input_shape = input_shape

    return marked


@contextlib.contextmanager
def _in_scope(layer: Any) -> Iterator[None]:
    """Inside, weights are named after the layer; once, where one `build` calls that of a base class."""
    if layer._is_building or not layer._opens_scope:
        yield
        return
    layer._is_building = True
    try:
        with scope.named(layer.name) as layer.path:
            yield
    finally:
        layer._is_building = False
