"""Recurrence in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

from kmagic.base.errors import BadValue
from kmagic.base.trees import is_nested, leaves
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer
from kmagic.layers.wrapper import build_inside, layer_of

_COMMON = ("stateful", "return_sequences", "return_state")


@registry.register(shapes="[batch steps *n] -> [batch *d]")
class Bidirectional(Layer):
    """A recurrent layer that walks along a sequence, and another like it, or `backward_layer`, that walks back.

    Formula: y = [forward(x), backward(x)]; merge_mode sum, mul, ave: their sum, product or mean; None: both apart

    Shapes: [batch steps *n] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> from kmagic.layers import SimpleRNN
    >>> ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
    >>> layer = Bidirectional(SimpleRNN(1, activation="relu", return_sequences=True, **ones))
    >>> layer(np.array([[[1.0], [2.0], [3.0]]])).tolist()
    [[[1.0, 6.0], [3.0, 5.0], [6.0, 3.0]]]

    Source: M. Schuster and K. Paliwal, IEEE Transactions on Signal Processing 45 (1997)
    """

    supports_masking = True
    forgets_itself = True

    def __init__(
        self,
        layer: Any,
        merge_mode: Literal["concat", "sum", "mul", "ave", None] = "concat",
        weights: Sequence[Any] | None = None,
        backward_layer: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        given = layer_of(layer, self.name)
        self.forward_layer = _copy(given, "forward")
        if backward_layer is None:
            self.backward_layer = _copy(given, "backward", go_backwards=True)
        else:
            self.backward_layer = layer_of(backward_layer, self.name)
        self._check_pair()
        for own in (self.forward_layer, self.backward_layer):
            # what is masked in one direction must not show what the other has carried along
            own.zero_output_for_mask = own.return_sequences
        self.merge_mode = merge_mode
        self.stateful, self.return_sequences, self.return_state = (getattr(given, name) for name in _COMMON)
        self._first_weights = weights

    def _check_pair(self) -> None:
        first, second = self.forward_layer, self.backward_layer
        if first.go_backwards == second.go_backwards:
            raise BadValue(
                f"both layers have go_backwards={first.go_backwards}",
                where=self.name,
                expected="a different `go_backwards` value of the backward layer",
            )
        for name in _COMMON:
            if getattr(first, name) != getattr(second, name):
                raise BadValue(
                    f"{name} is {getattr(first, name)} forward and {getattr(second, name)} backward",
                    where=self.name,
                    expected="the same value",
                )

    def build(self, input_shape: Any) -> None:
        """Make the weights of both layers."""
        build_inside(self.forward_layer, input_shape)
        build_inside(self.backward_layer, input_shape)
        if self._first_weights:
            self.set_weights(self._first_weights)

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        states = [None, None]
        if initial_state is not None:
            half = len(initial_state) // 2
            states = [initial_state[:half], initial_state[half:]]
        layers = (self.forward_layer, self.backward_layer)
        found = [
            layer(sequences, initial_state=state, mask=mask, training=training)
            for layer, state in zip(layers, states, strict=True)
        ]
        after = [state for output in found for state in output[1:]] if self.return_state else []
        forward, backward = (output[0] if self.return_state else output for output in found)
        merged = self._merged(forward, ops.flip(backward, 1) if self.return_sequences else backward)
        if not self.return_state:
            return merged
        return (*merged, *after) if is_nested(merged) else (merged, *after)

    def _merged(self, forward: Any, backward: Any) -> Any:
        match self.merge_mode:
            case "concat":
                return ops.concatenate([forward, backward], axis=-1)
            case "sum":
                return forward + backward
            case "mul":
                return forward * backward
            case "ave":
                return (forward + backward) / 2
            case _:
                return forward, backward

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the sequence where one is returned; states have none."""
        mask = leaves(previous_mask)[0] if self.return_sequences else None
        return [mask, mask if self.merge_mode is None else None]

    def reset_state(self) -> None:
        """Make the states that are kept zero."""
        for layer in (self.forward_layer, self.backward_layer):
            layer.reset_state()

    reset_states = reset_state

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        config = {name: value for name, value in super().get_config().items() if name != "weights"}
        pair = {"layer": self.forward_layer, "backward_layer": self.backward_layer}
        return {**config, **{name: registry.serialize(layer) for name, layer in pair.items()}}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The layer that `get_config` described."""
        pair = {name: registry.deserialize(config[name], custom_objects) for name in ("layer", "backward_layer")}
        return cls(**{**config, **pair})


def _copy(layer: Any, direction: str, **changed: Any) -> Any:
    """A new layer like another one, for a direction."""
    name = f"{direction}_{layer.name.removeprefix(f'{direction}_')}"
    return type(layer).from_config({**layer.get_config(), **changed, "name": name})
