"""A function of the user's as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from kmagic.base.errors import BadType, UnknownName
from kmagic.base.parts import plain
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer


@registry.register(shapes="[batch *d] -> [batch *e]")
class Lambda(Layer):
    """Any function, written with kmagic.ops or NumPy, as a layer without weights.

    Formula: y = f(x)

    Symbols: function: f, which may also take `training` and `mask`; arguments: further arguments of it by name; mask:
    the mask of the output, or a function of input and mask; output_shape: taken for Keras's sake, it is found out

    Shapes: [batch *d] -> [batch *e]

    Example:

    >>> import numpy as np
    >>> from kmagic import ops
    >>> Lambda(ops.square)(np.array([[1.0, 3.0]])).tolist()
    [[1.0, 9.0]]
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if not callable(function):
            raise BadType(f"function is {function!r}", where="Lambda", expected="a function of the inputs")
        self.function, self.further, self.mask = function, dict(arguments or {}), mask
        self.given_output_shape = output_shape
        self.supports_masking = self.makes_masks = mask is not None
        known = inspect.signature(function).parameters
        self._asks = [name for name in ("mask", "training") if name in known and name not in self.further]

    def call(self, inputs: Any, mask: Any = None, training: bool = False) -> Any:
        asked = {"mask": mask, "training": training}
        return self.function(inputs, **{name: asked[name] for name in self._asks}, **self.further)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask that was given, or what the function for it gives."""
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; operations by name, other functions as they are."""
        return {
            **super().get_config(),
            "function": _described(self.function),
            "arguments": plain(self.further),
            "mask": _described(self.mask),
            "output_shape": _described(self.given_output_shape),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Lambda:
        """The layer that `get_config` described; names are those of operations, or of the user's own functions."""
        given = {name: _found(config.get(name), custom_objects) for name in ("function", "mask")}
        return cls(**{**config, **given})


def _described(value: Any) -> Any:
    """A function of `kmagic.ops` as its name; anything else as it is."""
    name = getattr(value, "__name__", None)
    return name if name in ops.functions and ops.functions[name] is value else value


def _found(value: Any, custom_objects: dict[str, Any] | None) -> Any:
    if not isinstance(value, str):
        return value
    known = {**ops.functions, **(custom_objects or {})}
    if value not in known:
        raise UnknownName(value, known, kind="function", where="Lambda")
    return known[value]
