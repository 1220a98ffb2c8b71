"""Networks as plain data, in Keras's form, and back.

Each layer stands with its config and, for each of its calls, with what it was called on. Operations between layers
stand there as well, under the name of their row in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from kmagic.base.errors import BadValue, Unsupported
from kmagic.base.parts import plain, serialize
from kmagic.base.shapes import Extent
from kmagic.base.trees import leaves, mapped
from kmagic.graph.node import Node
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import row_called
from kmagic.layers import deserialize
from kmagic.layers.connection import Call
from kmagic.layers.input import InputLayer
from kmagic.layers.layer import Layer, known
from kmagic.models.network import Network
from kmagic.models.wiring import Member, Wiring

_OPERATIONS = "kmagic.ops"
_VALUE = "__keras_tensor__"


# the models that a description may name, beside the layers
_KINDS: dict[str, type] = {}
Kind = TypeVar("Kind", bound=type)


def described_as(*names: str) -> Callable[[Kind], Kind]:
    """Decorate a class of models with the names that it has in descriptions."""

    def decorate(kind: Kind) -> Kind:
        _KINDS.update(dict.fromkeys(names, kind))
        return kind

    return decorate


def read_layer(described: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The layer or model that `serialize` described."""
    return deserialize(dict(described), {**_KINDS, **(custom_objects or {})})


def written_network(network: Network) -> dict[str, Any]:
    """Layers, inputs and outputs as plain data."""
    wiring = Wiring(network)

    def ends(symbols: Any) -> Any:
        return mapped(lambda symbol: _address(wiring, symbol.node), symbols)

    return {
        "layers": [_member(wiring, member) for member in wiring.members],
        "input_layers": ends(network.inputs),
        "output_layers": ends(network.outputs),
    }


def _address(wiring: Wiring, node: Node) -> list[Any]:
    value = wiring.value(node)
    return [value.name, value.call, value.place]


def _member(wiring: Wiring, member: Member) -> dict[str, Any]:
    calls = [_call(wiring, step) for step in member.steps if not isinstance(member.layer, InputLayer)]
    if member.layer is not None:
        return {**serialize(member.layer), "name": member.name, "inbound_nodes": calls}
    node = member.node
    assert node is not None
    config = {"name": member.name, "attributes": _data(dict(node.attributes), wiring)}
    config |= {"shape": _data(tuple(node.shape), wiring), "dtype": node.dtype}
    described = {"module": _OPERATIONS, "class_name": node.name, "config": config, "registered_name": None}
    return {**described, "name": member.name, "inbound_nodes": calls}


def _call(wiring: Wiring, step: Call | Node) -> dict[str, Any]:
    if isinstance(step, Call):
        return {"args": _data(list(step.args), wiring), "kwargs": _data(step.kwargs, wiring)}
    return {"args": [_data(Symbol(node), wiring) for node in step.inputs], "kwargs": {}}


def _data(item: Any, wiring: Wiring) -> Any:
    """What a call was given, or how an operation is to be done, as plain data."""
    if isinstance(item, Symbol):
        about = {"shape": list(known(item.shape)), "dtype": item.dtype}
        return {"class_name": _VALUE, "config": {**about, "keras_history": _address(wiring, item.node)}}
    if isinstance(item, dict):
        return {key: _data(value, wiring) for key, value in item.items()}
    if isinstance(item, list | tuple):
        items = [_data(value, wiring) for value in item]
        return items if isinstance(item, list) else {"class_name": "__tuple__", "items": items}
    if isinstance(item, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": item.tolist(), "dtype": str(item.dtype)}}
    if isinstance(item, Extent):
        return {"class_name": "__size__", "config": {"terms": [[list(names), count] for names, count in item.terms]}}
    if item is None or isinstance(item, str | bool | int | float | np.generic):
        return plain(item)
    raise Unsupported(
        f"a {type(item).__name__} between layers as plain data",
        where=wiring.network.name,
        expected="branches, loops and variables in a layer of your own",
    )


# ---- and back ----


def _calls_before(layer: Any) -> int:
    """The calls that addresses count before those that are written, as `Wiring.value` does."""
    return 1 if getattr(layer, "_network", None) is not None else 0


def read_network(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> tuple[Any, Any]:
    """The inputs and outputs that `written_network` described, joined by fresh layers."""
    reading = _Reading(custom_objects)
    waiting = [(entry, turn) for entry in config["layers"] for turn in range(len(entry["inbound_nodes"]) or 1)]
    while waiting:
        later = [(entry, turn) for entry, turn in waiting if not reading.follow(entry, turn)]
        if len(later) == len(waiting):
            where, name = str(config.get("name")), later[0][0]["name"]
            raise BadValue(f"{name!r} takes what nothing gives", where=where, expected="a layer for each value")
        waiting = later
    return reading.ends(config["input_layers"]), reading.ends(config["output_layers"])


class _Reading:
    """The layers made so far, and the values that their calls gave."""

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self._custom_objects = custom_objects
        self._layers: dict[str, Layer | None] = {}
        self._given: dict[str, list[list[Any]]] = {}

    def follow(self, entry: Mapping[str, Any], turn: int) -> bool:
        """Make a call again, if it is its turn and everything that it takes is there."""
        name = entry["name"]
        layer = self._layer(entry)
        before = self._given[name]
        if isinstance(layer, InputLayer):
            before.append([layer.output])
            return True
        call = entry["inbound_nodes"][turn]
        if len(before) != turn + _calls_before(layer) or not self._is_there(call):
            return False
        args, kwargs = self._value(call["args"]), self._value(call["kwargs"])
        before.append(leaves(layer(*args, **kwargs)) if layer else [self._operation(entry, args)])
        return True

    def _layer(self, entry: Mapping[str, Any]) -> Layer | None:
        """The layer of an entry, made when it is met first; None for an operation."""
        name = entry["name"]
        if name not in self._layers:
            is_operation = entry["module"] == _OPERATIONS
            layer = None if is_operation else read_layer(entry, self._custom_objects)
            self._layers[name], self._given[name] = layer, [[]] * _calls_before(layer)
        return self._layers[name]

    def _operation(self, entry: Mapping[str, Any], inputs: list[Any]) -> Any:
        row, config = row_called(entry["class_name"]), self._value(entry["config"])
        if row.kind != "source":
            return row(*inputs, **config["attributes"])
        return Symbol(Node(row, (), config["attributes"], config["shape"], config["dtype"]))

    def _is_there(self, data: Any) -> bool:
        if isinstance(data, dict) and data.get("class_name") == _VALUE:
            name, call, _ = data["config"]["keras_history"]
            return len(self._given.get(name, ())) > call
        parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
        return all(map(self._is_there, parts))

    def _value(self, data: Any) -> Any:
        """What `_data` wrote."""
        match data:
            case {"class_name": "__keras_tensor__", "config": {"keras_history": [name, call, place]}}:
                return self._given[name][call][place]
            case {"class_name": "__tuple__", "items": items}:
                return tuple(self._value(item) for item in items)
            case {"class_name": "__numpy__", "config": {"value": value, "dtype": dtype}}:
                return np.array(value, dtype)
            case {"class_name": "__size__", "config": {"terms": terms}}:
                return Extent({tuple(names): count for names, count in terms})
            case dict():
                return {key: self._value(value) for key, value in data.items()}
            case list():
                return [self._value(item) for item in data]
        return data

    def ends(self, tree: Any) -> Any:
        """The symbols at addresses: [name, call, place], alone or in lists and dictionaries."""
        if isinstance(tree, dict):
            return {key: self.ends(item) for key, item in tree.items()}
        if len(tree) == 3 and isinstance(tree[0], str):
            name, call, place = tree
            return self._given[name][call][place]
        return type(tree)(self.ends(item) for item in tree)
