"""Model: a layer that can be trained, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from kmagic.base.dtypes import TEXT
from kmagic.base.errors import BadValue
from kmagic.base.trees import filled, leaves, mapped
from kmagic.layers import scope
from kmagic.layers.layer import Layer, known, placeholders
from kmagic.layers.masks import masked
from kmagic.layers.text import holds_text, text_in
from kmagic.models.network import Network
from kmagic.models.picture import Options, Picture
from kmagic.models.plan import Plan, plan_of
from kmagic.models.restoring import restoring
from kmagic.models.single_batches import SingleBatches
from kmagic.models.summary import Summary
from kmagic.models.text_part import TextPart, refuse_text_outputs
from kmagic.models.trainer import Trainer
from kmagic.models.written import described_as, read_network, written_network


@described_as("Model", "Functional")
class Model(Trainer):
    """A layer that can be trained.

    `Sequential` is the usual way to make one. `Model(inputs, outputs)` joins symbols: those of `Input(...)` and what
    layers called on them give, alone, in lists or in dictionaries. A subclass makes its layers in `__init__` and
    overrides `call(inputs)`.

    >>> from kmagic.layers import Dense, Input
    >>> x = Input(shape=(4,))
    >>> model = Model(x, [Dense(1, name="price")(x), Dense(3, name="kind")(x)])
    >>> model.output_names, model.count_params()
    (['price', 'kind'], 20)
    """

    forgets_itself = True
    left_behind: tuple[str, ...] = ("_network", "_text")

    def __init__(self, inputs: Any = None, outputs: Any = None, **options: Any) -> None:
        if inputs is not None and type(self) is Model and options.get("name") is None:
            options["name"] = scope.auto_name("functional")
        super().__init__(**options)
        if (inputs is None) != (outputs is None):
            raise BadValue("one of inputs and outputs is missing", where="Model", fix="Model(inputs, outputs)")
        self._network = Network(inputs, outputs, self.name) if inputs is not None else None
        self._network_layers = self._network.layers if self._network else []
        self._text: tuple[Any, TextPart] | None = None
        if self._network:
            refuse_text_outputs(self._network)
            self.built = True
            self.output_shape = mapped(lambda symbol: known(symbol.shape), outputs)

    def __getstate__(self) -> dict[str, Any]:
        # a copy has no run of its own yet
        return {**vars(self), "run": None, "_opened": SingleBatches()}

    # ---- what it is made of ----

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order."""
        return list(self._layers())

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer with this name, or at this place."""
        layers = self.layers
        names = ", ".join(layer.name for layer in layers)
        if (name is None) == (index is None):
            raise BadValue("Provide either a layer name or layer index", where=self.name, expected="one of the two")
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise BadValue(f"layer at index {index}", where=self.name, expected=f"one of {len(layers)}: {names}")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise BadValue(f"no layer {name!r}", where=self.name, expected=f"one of {names}")

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], None] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print the table of layers: shapes, numbers of parameters, and what each is connected to where that branches.

        `expand_nested` shows what is in models inside, `layer_range` only the layers from one name to another.
        """
        table = Summary(self, expand_nested, show_trainable, layer_range)
        (print_fn or print)(table.text(line_length, positions))

    def picture(self, **options: Any) -> Picture:
        """The model as a picture, which notebooks show; options are those of `kmagic.utils.plot_model`."""
        return Picture(self, Options(**options))

    def _repr_html_(self) -> str:
        return Summary(self).html()

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape, or of several, by a call that computes nothing."""
        with restoring(self):
            super().build(input_shape)
            if self._network is None and input_shape is not None:
                with scope.at(self.path.rpartition("/")[0]):  # the call names what it builds
                    self.compute_output_spec(placeholders(input_shape, self.input_dtype))

    def _build_on_call(self, input_shape: Any, further: Mapping[str, Any]) -> None:
        # what is called makes its own weights, unless the user says how
        if type(self).build is not Model.build:
            self.build(input_shape, **further)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The output for these inputs, with these masks where they have none; subclasses override it."""
        if self._network is None:
            raise NotImplementedError(f"{type(self).__name__} has no call(inputs)")
        return self._whole_or_rest(masked(inputs, mask), self._network)

    def _whole_or_rest(self, inputs: Any, whole: Callable[[Any], Any]) -> Any:
        """What a model that takes text makes of text, or of the numbers that its first part has read; others as is."""
        part = self.text_part
        return whole(inputs) if part is None or holds_text(inputs) else part.rest(inputs)

    # ---- text ----

    @property
    def takes_text(self) -> bool:  # type: ignore[override]
        """Whether an input is text."""
        return any(symbol.dtype == TEXT for symbol in self.inputs)

    @property
    def text_part(self) -> TextPart | None:
        """What is done before the graph, with a model that takes text."""
        if not self.takes_text or not self.outputs:
            return None
        if self._text is None or self._text[0] is not self.outputs[0]:
            network = self._network or Network(self.input, self.output, self.name)
            self._text = (self.outputs[0], TextPart(network))
        return self._text[1]

    @property
    def behind_text(self) -> Model:
        """The model as its programs see it: itself, or the same layers with numbers in the place of text."""
        part = self.text_part
        if part is None:
            return self
        view = object.__new__(Model)
        vars(view).update({**vars(self), "_network": part.rest, "_text": None})
        return view

    def converted(self, inputs: Any) -> Any:
        """Inputs as arrays or symbols, text as arrays of str, floats in the dtype of inputs."""
        inputs = self.needed(inputs, self.name)
        return super().converted(text_in(inputs, self.name) if self.takes_text else inputs)

    @property
    def input(self) -> Any:
        """The symbols of the inputs."""
        return self._network.inputs if self._network else super().input

    @property
    def output(self) -> Any:
        """The symbols of the outputs."""
        return self._network.outputs if self._network else super().output

    @property
    def inputs(self) -> list[Any]:
        """The symbols of the inputs, as a list; empty while they are not known."""
        return self._network.flat_inputs if self._network else []

    @property
    def outputs(self) -> list[Any]:
        """The symbols of the outputs, as a list; empty while they are not known."""
        return self._network.flat_outputs if self._network else []

    @property
    def input_names(self) -> list[str] | None:
        """A name for each input, None while they are not known."""
        return self._network.input_names if self._network else None

    @property
    def output_names(self) -> list[str] | None:
        """A name for each output, None while they are not known."""
        return self._network.output_names if self._network else None

    @property
    def input_dtype(self) -> str:
        """What floats among the inputs are cast to: layers cast them further, each to its own dtype."""
        if self.takes_text:
            return TEXT
        return self.variable_dtype if self._network else self.compute_dtype

    def needed(self, x: Any, where: str) -> Any:
        """Data for the inputs, without what a dictionary holds besides; raise where it lacks one."""
        return self._network.needed(x, where) if self._network else x

    def arrange(self, x: Any) -> list[Any]:
        """Arrays for the inputs, in the order of `inputs`."""
        return self._network.matched(x) if self._network else leaves(x)

    @property
    def input_shape(self) -> Any:
        """The shape of inputs, None before it is known."""
        if self._network:
            return mapped(lambda symbol: known(symbol.shape), self._network.inputs)
        return self._built_input_shape

    def reconnect(self, starts: Sequence[Any] | None = None, instead: Mapping[Layer, Any] | None = None) -> None:
        """Connect the layers anew, after some of them have changed.

        `starts` are symbols in place of the inputs, `instead` says what is called in a layer's place.
        """
        self.refuse_while_training("reconnect")
        self._opened = SingleBatches()
        network = self._network
        if network is not None:
            outputs = network(network.inputs if starts is None else filled(network.inputs, starts), instead or {})
            self._connected(Network(network.inputs, outputs, self.name))

    def _connected(self, network: Network) -> None:
        self._network = network
        self._network_layers = network.layers
        self.output_shape = mapped(lambda symbol: known(symbol.shape), network.outputs)

    def reshape_input(self, shape: Sequence[int | None], place: int = 0) -> None:
        """Take rows of another shape at an input; layers whose weights do not fit get fresh ones."""
        self.refuse_while_training("reshape_input")
        self._opened = SingleBatches()
        if self._network is not None:
            self._connected(self._network.taking(shape, place))

    # ---- as plain data ----

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal model; for a model of symbols all layers, and who takes what from whom."""
        if self._network is not None and "inputs" in self.arguments:
            return {"name": self.name, "trainable": self.trainable, **written_network(self._network)}
        config = super().get_config()
        return {name: value for name, value in config.items() if name not in ("inputs", "outputs")}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The model that `get_config` described, with fresh weights."""
        if "input_layers" not in config:
            return cls(**config)
        inputs, outputs = read_network(config, custom_objects)
        return cls(inputs, outputs, name=config.get("name"), trainable=config.get("trainable", True))

    # ---- looking at programs ----

    def plan(self, after: str = "place", program: str = "train", batch_size: int = 32) -> Plan:
        """What the compiler makes of this model: one stage of its train, evaluate or predict program."""
        return plan_of(self, self._compiled, program, after, batch_size)
