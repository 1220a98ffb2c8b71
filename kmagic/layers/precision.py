"""What a layer computes in: its policy, and how inputs and weights come to have that dtype."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from kmagic.base import policies
from kmagic.base.dtypes import TEXT, is_float, of_data
from kmagic.base.errors import BadType
from kmagic.base.parts import Part
from kmagic.base.policies import DTypePolicy
from kmagic.base.trees import is_nested, leaves, mapped
from kmagic.graph.autocast import autocast_dtype, autocasting
from kmagic.graph.load import ops
from kmagic.graph.masks import mask_of, with_mask
from kmagic.graph.symbol import Symbol
from kmagic.graph.user_code import is_own

_AS_THEY_ARE = contextlib.nullcontext()


class Precision:
    """The part of a layer that knows dtypes.

    Floats among the inputs are cast to `input_dtype`, and weights that are floats come in `compute_dtype` in `call`,
    unless the layer, or the weight, has autocast=False. Weights are kept in `variable_dtype`, which `dtype` is too.
    """

    autocast: bool
    takes_text: bool
    name: str
    path: str
    _dtype_policy: DTypePolicy

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The policy, or the map that has an entry for this layer."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._dtype_policy = policies.get(value)

    @property
    def _policy(self) -> DTypePolicy:
        policy = self._dtype_policy
        return policy if type(policy) is DTypePolicy else policy[self.path]  # type: ignore[index]

    @property
    def compute_dtype(self) -> str:
        """What the layer computes in and gives."""
        return self._policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """What weights are kept in."""
        return self._policy.variable_dtype

    dtype = variable_dtype

    @property
    def input_dtype(self) -> str:
        """What floats among the inputs are cast to."""
        return self.compute_dtype

    @property
    def output_dtype(self) -> str:
        """What the layer gives."""
        return self.compute_dtype

    @property
    def quantization_mode(self) -> None:
        """None: quantisation is outside the surface."""

    def converted(self, inputs: Any) -> Any:
        """Inputs as arrays or symbols, floats in the dtype of inputs."""
        parts = leaves(inputs)
        if is_nested(inputs) and parts and hasattr(parts[0], "shape"):
            return mapped(self.converted, inputs)
        if hasattr(inputs, "dtype") and hasattr(inputs, "shape"):
            return self.cast_float(inputs)
        for part in parts:
            self._refuse_layer(part)
        return self.cast_float(np.asarray(inputs))

    def _refuse_layer(self, part: Any) -> None:
        """Raise where a layer came in place of what it gives."""
        if isinstance(part, Precision):
            raise BadType(
                f"{type(part).__name__} {part.name!r} is a layer that was not called",
                where=self.name,
                expected="arrays, or symbols: what Input(...) and layers called on it give",
                fix=_call_of(part),
            )

    def cast_float(self, value: Any) -> Any:
        """An array or symbol of floats in the dtype of inputs; anything else as it is."""
        if not (hasattr(value, "dtype") and hasattr(value, "shape")):
            if is_own(type(self)):  # others may take layers
                self._refuse_layer(value)
            return value
        wanted, kind = self.input_dtype, of_data(value.dtype)
        if kind == TEXT and not self.takes_text and is_own(type(self)):
            raise BadType(
                f"text comes to {type(self).__name__}",
                where=self.name,
                expected="numbers; TextVectorization makes them of sentences, StringLookup and Hashing of names",
                fix="kmagic.layers.StringLookup() before it",
            )
        if kind == wanted or not (self.autocast and is_float(wanted) and is_float(kind)):
            return value
        if isinstance(value, Symbol | np.ndarray) and value.dtype == wanted:
            return value  # the very same, whose mask a layer inside may drop
        return with_mask(ops.cast(value, wanted), mask_of(value))

    def computing(self) -> contextlib.AbstractContextManager[None]:
        """Inside, weights come in the dtype that the layer computes in."""
        policy, around = self._policy, autocast_dtype()
        if around is None and policy.compute_dtype == policy.variable_dtype:
            return _AS_THEY_ARE
        return autocasting(policy.compute_dtype if self.autocast and is_float(policy.compute_dtype) else None)


def _call_of(layer: Any) -> str:
    """A call of the layer as code, by its name where it cannot be written out."""
    made = Part.__repr__(layer)
    return f"{layer.name if '<' in made else made}(inputs)"
