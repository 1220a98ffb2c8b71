"""The part of a network before the graph: what reads text. Programs begin with the numbers that it gives.

A model with inputs of text is two networks. The first one, on arrays of Python's and NumPy's text, goes as far as the
first numbers ("readings"); with it everything that its layers need besides, such as a number that is crossed with a
word. The second one is what is compiled: its inputs are the readings, in the places of the text that they come from,
and those inputs of numbers that are used behind it.

Chosen: rows are read once, before batches are made of them, because text is most of the time of a small model, and
numbers of words take less memory than the words. Vectors as long as a vocabulary are made behind it, batch by batch.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import TEXT
from kmagic.base.errors import BadType, BadValue, Unsupported
from kmagic.base.shapes import Extent
from kmagic.base.trees import leaves, mapped
from kmagic.graph.node import Node
from kmagic.graph.symbol import Symbol
from kmagic.layers.connection import Call, call_of
from kmagic.layers.input import Input
from kmagic.layers.layer import Layer, known
from kmagic.layers.text import TextLayer, is_text
from kmagic.models.network import Network, Step, sources, value_of
from kmagic.models.restoring import undone

Array = np.ndarray[Any, Any]


class Encoding(Layer):
    """The second half of a layer that reads text, in its place."""

    def __init__(self, layer: TextLayer) -> None:
        super().__init__(name=layer.name)
        self.path, self.autocast, self._encode = layer.path, False, layer.encode

    def call(self, inputs: Any) -> Any:
        return self._encode(inputs)


class TextPart:
    """What a network does before the graph, and `rest`, the network behind it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._readers = [step for step in network.steps if isinstance(step, Call) and _reads(step)]
        self._steps = _needed(network, self._readers)
        self._check_trained()
        self._order: list[Node | Call] = []
        with undone(*network.layers):  # they are connected once more, which nobody is to see
            self.rest = self._connected()

    def _check_trained(self) -> None:
        for step in self._steps:
            if isinstance(step, Call) and step not in self._readers and step.layer.trainable_weights:
                raise BadValue(
                    f"layer {step.layer.name!r}, which has weights to train, comes before text is read",
                    where=self.network.name,
                    expected="layers that learn behind those that read text",
                )

    # ---- the network behind ----

    def _connected(self) -> Network:
        network = self.network
        values: dict[Node, Any] = {}
        starts: list[Symbol] = []
        behind = [step for step in network.steps if step not in self._steps and not _is_start(step)]
        wanted = {node for step in behind for node in sources(step)} | {s.node for s in network.flat_outputs}
        for symbol in network.flat_inputs:
            if symbol.node in wanted and symbol.dtype != TEXT:
                self._order.append(symbol.node)
                starts.append(symbol)
                values[symbol.node] = symbol
            for call in [call for call in self._readers if self._begins(call) is symbol.node]:
                self._order.append(call)
                starts += self._reading(call, values)
        sizes = {name: Extent.named(name) for symbol in starts for axis in symbol.shape for name in _names(axis)}
        for step in behind:
            network.take_step(step, values, sizes, lambda layer: layer)
        ends = mapped(lambda symbol: values[symbol.node], network.outputs)
        return Network(starts[0] if len(starts) == 1 else starts, ends, network.name)

    def _begins(self, call: Call) -> Node:
        """The first input of text that a reader depends on."""
        needed = {node for step in _needed(self.network, [call]) for node in sources(step)}
        texts = [symbol.node for symbol in self.network.flat_inputs if symbol.dtype == TEXT]
        nodes = [node for node in texts if node in needed] or [symbol.node for symbol in self.network.flat_inputs]
        return nodes[0]

    def _reading(self, call: Call, values: dict[Node, Any]) -> list[Symbol]:
        """Symbols for what a reader will have read; what the layer makes of them stands for its output."""
        layer = call.layer
        if isinstance(layer, TextLayer):
            shape = layer.read_shape(*(known(leaf.shape) for leaf in leaves(call.args[0])))
            symbols = [Input(batch_shape=shape, dtype="int64", name=f"{layer.name}_numbers")]
            results = symbols[0] if getattr(layer, "output_mode", "") == "int" else Encoding(layer)(symbols[0])
            if results.dtype != call.outputs.dtype:
                results = Encoding(layer)(symbols[0])
        else:
            symbols = [
                Input(batch_shape=known(inner.shape), dtype=inner.dtype, name=f"{layer.name}_{number}")
                for number, inner in enumerate(layer.text_part.rest.flat_inputs)
            ]
            results = layer(symbols[0] if len(symbols) == 1 else symbols)
        values.update(zip((s.node for s in leaves(call.outputs)), leaves(results), strict=True))
        return symbols

    # ---- reading ----

    def read(self, inputs: Any) -> Any:
        """The inputs of the network behind, for arrays of text and numbers: one array, or a list."""
        network = self.network
        given = []
        for symbol, array in zip(network.flat_inputs, network.ranked(inputs), strict=True):
            _check_kind(symbol, array)
            # a column of text may stand for texts
            given.append(array[:, 0] if array.shape[1:] == (1,) and len(symbol.shape) == 1 else array)
        values: dict[Node, Any] = {symbol.node: a for symbol, a in zip(network.flat_inputs, given, strict=True)}
        sizes = network.sizes(given)
        found: dict[Step, list[Array]] = {}
        for step in self._steps:
            if step in self._readers and isinstance(step, Call):
                found[step] = _read(step, values)
            elif not _is_start(step):
                network.take_step(step, values, sizes, lambda layer: layer)
        parts = [[values[item]] if isinstance(item, Node) else found[item] for item in self._order]
        arrays = [array for part in parts for array in part]
        return arrays[0] if len(arrays) == 1 else arrays


def _read(call: Call, values: dict[Node, Any]) -> list[Array]:
    args, kwargs = mapped(lambda leaf: value_of(leaf, values), (call.args, call.kwargs))
    if isinstance(call.layer, TextLayer):
        return [call.layer.read(call.layer.text_in(args[0]), **kwargs)]
    found = call.layer.text_part.read(args[0])
    return found if isinstance(found, list) else [found]


def _reads(call: Call) -> bool:
    """Whether a call takes text and gives numbers."""
    return any(_is_of_text(node) for node in sources(call)) and not any(
        symbol.dtype == TEXT for symbol in leaves(call.outputs)
    )


def _is_of_text(node: Node) -> bool:
    return node.dtype == TEXT


def _is_start(step: Step) -> bool:
    return isinstance(step, Call) and not step.args


def _needed(network: Network, readers: Sequence[Step]) -> list[Step]:
    """Readers and all steps that they depend on, in order."""
    needed: set[Step] = set()
    waiting: list[Step] = list(readers)
    starts = {symbol.node for symbol in network.flat_inputs}
    while waiting:
        step = waiting.pop()
        if step not in needed:
            needed.add(step)
            waiting += [call_of(node) or node for node in sources(step) if node not in starts]
    return [step for step in network.steps if step in needed]


def _names(axis: Any) -> list[str]:
    return list(axis.names) if isinstance(axis, Extent) else []


def _check_kind(symbol: Symbol, array: Array) -> None:
    """Refuse text where numbers are expected, and numbers for text."""
    call = call_of(symbol.node)
    name = call.layer.name if call else "input"
    if is_text(array) and symbol.dtype != TEXT:
        raise BadType(
            f"text comes to input {name!r}",
            where="data",
            expected=f"numbers ({symbol.dtype})",
            fix=f"Input(shape=(1,), dtype='string', name={name!r}), and a StringLookup behind it",
        )
    if symbol.dtype == TEXT and not is_text(array):
        raise BadType(f"numbers ({array.dtype}) come to input {name!r}", where="data", expected="text")


def refuse_text_outputs(network: Network) -> None:
    """Raise where a network gives text: programs give numbers."""
    for symbol in network.flat_outputs:
        if symbol.dtype == TEXT:
            raise Unsupported(
                "an output of text",
                where=network.name,
                expected="numbers; make words of what predict() gives",
                fix="words = layer(model.predict(x))",
            )


# ---- read once ----

_known: contextvars.ContextVar[dict[int, tuple[Any, Any]] | None] = contextvars.ContextVar("read", default=None)


@contextlib.contextmanager
def reading_once() -> Iterator[None]:
    """Inside, the same data are read but once."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def kept(data: Any, make: Any) -> Any:
    """What `make()` gives for data, or has given before."""
    memory = _known.get()
    if memory is None:
        return make()
    if id(data) not in memory:
        memory[id(data)] = (data, make())  # with the data, so that nothing else takes their place in memory
    return memory[id(data)][1]
