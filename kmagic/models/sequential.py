"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kmagic.base import policies
from kmagic.base.dtypes import TEXT
from kmagic.base.errors import BadType, BadValue
from kmagic.base.parts import serialize
from kmagic.base.trees import is_nested
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import not_tracing
from kmagic.layers import scope
from kmagic.layers.connection import call_of
from kmagic.layers.input import InputLayer
from kmagic.layers.layer import KnownShape, Layer, known
from kmagic.layers.masks import masked
from kmagic.models.model import Model
from kmagic.models.network import of_rank
from kmagic.models.restoring import restoring
from kmagic.models.single_batches import SingleBatches
from kmagic.models.written import described_as, read_layer


@described_as("Sequential")
class Sequential(Model):
    """A model whose layers each take what the one before gives.

    With `Input(...)` first, or `input_dim=` or `input_shape=` on the first layer, weights are made at once; otherwise
    with the first data.

    >>> from kmagic.layers import Dense
    >>> Sequential([Dense(32, activation="relu", input_dim=100), Dense(1, activation="sigmoid")]).count_params()
    3265
    """

    left_behind: tuple[str, ...] = ("_input", "_output")
    _opens_scope = False  # its layers are called one after the other, which names them

    def __init__(
        self, layers: Iterable[Any] | Layer | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(trainable=trainable, name=name)
        self._members: list[Layer] = []
        self._input: Symbol | None = None
        self._output: Symbol | None = None
        for layer in [layers] if isinstance(layers, Layer) else layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the one that only says what comes in."""
        return [layer for layer in self._members if not isinstance(layer, InputLayer)]

    def add(self, layer: Any) -> None:
        """Put a layer behind the others."""
        self.refuse_while_training("add")
        items = self._checked(layer)
        with restoring(self, *items):
            for item in items:
                self._append(item)
        self._forget_programs()

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the last layer away."""
        self.refuse_while_training("pop")
        if not self.layers:
            raise BadType("there are no layers", where=self.name, expected="a layer to pop")
        removed = self._members.pop()
        shape, self._members, members, self._output = self._built_input_shape, [], self._members, None
        for layer in members:
            self._append(layer)
        self.build(shape)
        self._forget_programs()
        return removed

    def reconnect(self, layers: Sequence[Any] | None = None, instead: Mapping[Layer, Any] | None = None) -> None:
        """Connect the layers anew, or others in their place; those whose input has changed get fresh weights."""
        self.refuse_while_training("reconnect")
        shape, kind = self._built_input_shape, TEXT if self.takes_text else self.dtype
        front = [item for item in self._members if isinstance(item, InputLayer)]
        members = [*front, *((instead or {}).get(item, item) for item in (self.layers if layers is None else layers))]
        self._members, self._input, self._output, self.built = [], None, None, False
        if shape is not None and not front:
            self._begin(shape, kind)
        for layer in members:
            if self._output is not None and not layer.suits(known(self._output.shape)):
                layer.unbuild()
            self._append(layer)
        self._forget_programs()

    def reshape_input(self, shape: Sequence[int | None], place: int = 0) -> None:
        """Take rows of another shape; layers whose weights do not fit get fresh ones."""
        front = [item for item in self._members if isinstance(item, InputLayer)]
        self._members = [InputLayer(shape=shape, dtype=item.dtype, name=item.name) for item in front] + self.layers
        self._built_input_shape = None if self._built_input_shape is None else (None, *shape)
        self.reconnect()

    def _checked(self, layer: Any) -> list[Layer]:
        """The layer, with an input layer in front where it brings its own input shape."""
        if isinstance(layer, Symbol):
            call = call_of(layer.node)
            layer = call.layer if call and isinstance(call.layer, InputLayer) else layer
        if not isinstance(layer, Layer):
            raise BadValue(f"{_described(layer)} is no layer", where=self.name, expected="a layer of kmagic.layers")
        if any(layer.name == other.name for other in self._members if other is not layer):
            raise BadValue(
                f"a second layer {layer.name!r}", where=self.name, expected="each name once", fix="name='another'"
            )
        if isinstance(layer, InputLayer) and self._members:
            raise BadValue("Input comes after another layer", where=self.name, expected="Input first")
        if not self._members and not isinstance(layer, InputLayer):
            shape = layer.given_input_shape or _own_input_shape(layer)
            if shape is not None:
                kind = TEXT if layer.input_dtype == TEXT else layer.dtype
                return [InputLayer(shape=shape, batch_size=layer.batch_size, dtype=kind), layer]
        return [layer]

    def _append(self, layer: Layer) -> None:
        if isinstance(layer, InputLayer):
            self._input = self._output = layer.output
            self._built_input_shape = layer.batch_shape
        elif self._output is not None:
            # a layer that does not fit raises here, before it is part of the model
            self._output = self._through(layer, self._output)
        self._members.append(layer)
        self.built = self._output is not None and bool(self.layers)
        self.output_shape = self.layers[-1].output_shape if self.built else None

    def _through(self, layer: Layer, symbol: Any) -> Symbol:
        with not_tracing(), scope.named(self.name):
            result: Symbol = layer(symbol)
        return result

    def _forget_programs(self) -> None:
        self._opened = SingleBatches()

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape, the batch axis included."""
        if input_shape is None or self._output is not None:
            return
        self._begin(input_shape, TEXT if self.takes_text else self.dtype)
        for layer in self.layers:
            self._output = self._through(layer, self._output)
        self.built = True
        self.output_shape = self.layers[-1].output_shape if self.layers else tuple(input_shape)

    def _begin(self, input_shape: Any, dtype: str) -> None:
        """Begin with a symbol for inputs of this shape and dtype."""
        name = f"{self.name}_input"
        self._input = self._output = InputLayer(batch_shape=input_shape, dtype=dtype, name=name).output
        self._built_input_shape = tuple(input_shape)

    @property
    def input_dtype(self) -> str:
        """What floats among the inputs are cast to, also before the layers are connected."""
        return TEXT if self.takes_text else self.variable_dtype

    def converted(self, inputs: Any) -> Any:
        value = super().converted(inputs)
        shape = self._built_input_shape
        return of_rank(value, shape) if isinstance(shape, tuple) and not is_nested(value) else value

    def _ensure_built(self, inputs: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        if not self.built and not self.layers:
            raise BadValue("there are no layers", where=self.name, expected="at least one", fix="model.add(Dense(1))")
        if not self.built:
            self.path = f"{scope.current_path()}/{self.name}".lstrip("/")
            self.build((None, *(axis if isinstance(axis, int) else None for axis in inputs.shape[1:])))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        return self._whole_or_rest(masked(inputs, mask), self._through_all)

    def _through_all(self, inputs: Any) -> Any:
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    @property
    def takes_text(self) -> bool:  # type: ignore[override]
        """Whether the input is text, as the first layer tells where nothing else does."""
        if self._input is not None:
            return bool(self._input.dtype == TEXT)
        return bool(self.layers) and self.layers[0].input_dtype == TEXT

    @property
    def input(self) -> Any:
        """The symbol of the input, None before its shape is known."""
        return self._input

    @property
    def output(self) -> Any:
        """The symbol of the output, None before the input's shape is known."""
        return self._output

    @property
    def inputs(self) -> list[Any]:
        """The symbol of the input, where it is known."""
        return [self._input] if self._input is not None else []

    @property
    def outputs(self) -> list[Any]:
        """The symbol of the output, where it is known."""
        return [self._output] if self._output is not None else []

    @property
    def input_names(self) -> list[str] | None:
        """The name of the one input."""
        call = call_of(self._input.node) if self._input is not None else None
        return [call.layer.name if call else "input"]

    @property
    def output_names(self) -> list[str] | None:
        """The name of the one output: that of the last layer."""
        return [self.layers[-1].name] if self.layers else None

    def get_config(self) -> dict[str, Any]:
        """The layers and the name, as plain data."""
        config = {"name": self.name, "trainable": self.trainable, "dtype": policies.described(self.dtype_policy)}
        config["layers"] = [serialize(layer) for layer in self._members]
        return {**config, "build_input_shape": list(self.input_shape)} if self.input_shape else config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Sequential:
        """The model that `get_config` described, with fresh weights."""
        layers: Sequence[Any] = [read_layer(layer, custom_objects) for layer in config["layers"]]
        model = cls(layers, config.get("trainable", True), config.get("name"))
        if config.get("build_input_shape"):
            model.build(tuple(config["build_input_shape"]))
        return model


def _own_input_shape(layer: Layer) -> KnownShape | None:
    """The input shape of a model used as the first layer."""
    shape = getattr(layer, "input_shape", None)
    return tuple(shape[1:]) if isinstance(shape, tuple) and layer.built else None


def _described(item: Any) -> str:
    module = type(item).__module__.partition(".")[0]
    return f"a {module} {type(item).__name__}" if module in ("keras", "tensorflow", "torch") else repr(item)
