"""Facts of a model: its layers, and what makes each of its outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kmagic import activations
from kmagic.base.errors import KmagicError
from kmagic.base.registry import Entry
from kmagic.base.trees import leaves
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import not_tracing, trace_graph
from kmagic.layers import scope
from kmagic.layers.connection import call_of
from kmagic.layers.input import InputLayer
from kmagic.layers.layer import Layer, known, placeholder
from kmagic.layers.recurrent import Recurrent
from kmagic.models.restoring import restoring

# layers behind which a value means what it meant before
PASSING = ("Dropout", "Reshape", "Flatten", "InputLayer")


def leaf_layers(model: Any) -> list[Layer]:
    """All layers that hold no others, in order."""
    return list(dict.fromkeys(_leaf_layers(model)))


def _leaf_layers(model: Any) -> Iterator[Layer]:
    for layer in getattr(model, "layers", None) or model._layers():
        inner = [item for item in layer._layers() if isinstance(item, Layer)]
        if inner:
            yield from _leaf_layers(layer)
        elif not isinstance(layer, InputLayer):
            yield layer


@dataclass(frozen=True)
class Outputs:
    """What a model gives: the shape of each output, and the layer whose activation makes it.

    `error` says why nothing is known: the model does not take such inputs. A head is None where an operation or unknown
    code makes the output.
    """

    shapes: tuple[Any, ...] = ()
    heads: tuple[Layer | None, ...] = ()
    error: KmagicError | None = None


def outputs_of(model: Any, inputs: Sequence[Any]) -> Outputs:
    """The outputs of a model for inputs like these; one that is not built yet is built for them, as `fit` would do."""
    network = getattr(model, "_network", None)
    if network is not None:
        shapes = tuple(known(symbol.shape) for symbol in network.flat_outputs)
        return Outputs(shapes, tuple(_head_behind(symbol) for symbol in network.flat_outputs))
    if isinstance(getattr(model, "layers", None), list) and hasattr(model, "_members"):
        return _of_sequence(model, inputs)
    return _of_code(model, inputs) if inputs else Outputs()


def _of_sequence(model: Any, inputs: Sequence[Any]) -> Outputs:
    head = last_head(model)
    if not model.built and inputs and model.layers:
        try:
            with restoring(model):
                model.build((None, *inputs[0].shape[1:]))
        except KmagicError as error:
            return Outputs(heads=(head,), error=error)
    return Outputs((model.output_shape,) if model.built else (None,), (head,))


def _of_code(model: Any, inputs: Sequence[Any]) -> Outputs:
    """Of a model with a `call` of the user's own: traced, and each output followed to the layer that it comes from."""
    symbols = [placeholder((None, *array.shape[1:]), _number(array.dtype), f"x{i}") for i, array in enumerate(inputs)]

    def run(*given: Any) -> dict[str, Any]:
        results = leaves(model(given[0] if len(given) == 1 else list(given)))
        return {str(number): result for number, result in enumerate(results)}

    try:
        with restoring(model), not_tracing(), scope.training_as(False), scope.collecting_losses():
            graph = trace_graph(run, symbols)
    except Exception as error:  # the user's own code, which `fit` will explain
        return Outputs(error=error if isinstance(error, KmagicError) else None)
    nodes = list(graph.outputs.values())
    by_path = {layer.path: layer for layer in leaf_layers(model)}
    return Outputs(tuple(known(node.shape) for node in nodes), tuple(by_path.get(node.origin.layer) for node in nodes))


def _number(dtype: str) -> str:
    return dtype if dtype.startswith(("int", "uint", "float", "bool")) else "float32"


def last_head(model: Any) -> Layer | None:
    """The last layer of a sequence that does more than pass values on."""
    layers = [layer for layer in model.layers if type(layer).__name__ not in PASSING]
    return _inner_head(layers[-1]) if layers else None


def _head_behind(symbol: Any) -> Layer | None:
    """Going back from an output over the layers that only pass its values on."""
    call = call_of(symbol.node)
    while call is not None and type(call.layer).__name__ in PASSING and call.args:
        before = leaves(call.args[0])
        call = call_of(before[0].node) if len(before) == 1 and hasattr(before[0], "node") else None
    return _inner_head(call.layer) if call else None


def _inner_head(layer: Layer) -> Layer | None:
    """The layer itself, or the head of a model that stands in its place."""
    network = getattr(layer, "_network", None)
    if network is not None:
        return _head_behind(network.flat_outputs[0])
    return last_head(layer) if hasattr(layer, "_members") else layer


def activation_of(layer: Layer | None) -> str:
    """The name of the activation that makes a layer's output; '' where it is not known."""
    entry = _activation_entry(layer)
    return entry.name if entry else ""


def _activation_entry(layer: Layer | None) -> Entry | None:
    activation = getattr(layer, "activation", None)
    return activations.registry.entry_of(activation) if activation is not None else None


def gives_probabilities(layer: Layer | None) -> bool:
    """Whether a layer's activation makes probabilities."""
    entry = _activation_entry(layer)
    return entry is not None and "probabilities" in entry.tags


# ---- how layers follow each other ----

# layers that leave the last axis as wide as it was
_KEEPING = (*PASSING, "Activation", "Softmax", "ReLU", "LeakyReLU", "PReLU", "ELU", "BatchNormalization")


def takers(model: Any) -> dict[Layer, list[Layer | None]]:
    """For each layer those that take its output, over layers that only pass it on; None for whatever is no layer."""
    direct = _direct_takers(model)

    def behind(layer: Layer | None) -> Iterator[Layer | None]:
        if layer is None or type(layer).__name__ not in PASSING:
            yield layer
        else:
            for taker in direct.get(layer, []):
                yield from behind(taker)

    return {layer: [end for taker in found for end in behind(taker)] for layer, found in direct.items()}


def _direct_takers(model: Any) -> dict[Layer, list[Layer | None]]:
    network = getattr(model, "_network", None)
    pairs: list[tuple[Layer, Layer | None]] = []
    if network is not None:
        pairs = network.connections
    elif hasattr(model, "_members"):
        pairs = [*zip(model.layers, model.layers[1:], strict=False), *((layer, None) for layer in model.layers[-1:])]
    found: dict[Layer, list[Layer | None]] = {}
    for giver, taker in pairs:
        found.setdefault(giver, []).append(taker)
    return found


def repeated(model: Any) -> dict[Layer, int]:
    """Layers that are called on what they gave themselves, with how often in a row."""
    again = [giver for giver, found in _direct_takers(model).items() for taker in found if taker is giver]
    return {layer: 1 + count for layer, count in Counter(again).items()}


def _givers(model: Any) -> dict[Layer, list[Layer]]:
    """For each layer those whose output it takes."""
    givers: dict[Layer, list[Layer]] = {}
    for giver, found in _direct_takers(model).items():
        for taker in found:
            if taker is not None:
                givers.setdefault(taker, []).append(giver)
    return givers


def giving_steps(model: Any, head: Layer | None) -> Layer | None:
    """The recurrent layer of the model that gives the head every step; None where there is none."""
    givers, layer = _givers(model), head
    while layer is not None and type(layer).__name__ in ("Dense", *_KEEPING):
        before = givers.get(layer, [])
        layer = before[0] if len(before) == 1 else None
    return layer if isinstance(layer, Recurrent) and layer.return_sequences else None


def width_behind(model: Any, head: Layer | None) -> Any:
    """The layer that makes as many outputs as there are: the head, or the one with units behind an activation."""
    givers = _givers(model)
    while head is not None and not hasattr(head, "units"):
        before = givers.get(head, [])
        if type(head).__name__ not in _KEEPING or len(before) != 1:
            return None
        head = before[0]
    return head


# ---- where data enter ----

_HANDED_ON = (
    *PASSING,
    "Permute",
    "RepeatVector",
    "Concatenate",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "ZeroPadding2D",
)
_REARRANGING = ("concatenate", "reshape", "transpose", "expand_dims", "squeeze")


def first_layers(model: Any, place: int = 0) -> list[Layer] | None:
    """The layers that change what enters at an input first; None where the user's own code may come before them."""
    network = getattr(model, "_network", None)
    if network is not None:
        return _first_behind(network, network.flat_inputs[place]) if place < len(network.flat_inputs) else None
    if not hasattr(model, "_members"):
        return None
    for layer in model.layers:
        if type(layer).__name__ not in _HANDED_ON:
            return _first_inside(layer)
    return []


def _first_inside(layer: Layer) -> list[Layer] | None:
    """The layer itself, or what comes first in a model that stands in its place."""
    inner = [item for item in layer._layers() if isinstance(item, Layer)]
    return first_layers(layer) if hasattr(layer, "compile") else [layer] if not inner else None


def _first_behind(network: Any, symbol: Any) -> list[Layer] | None:
    found: list[Layer] = []
    for step in network.takers(symbol):
        layer = getattr(step, "layer", None)
        if layer is None:
            further = _first_behind(network, Symbol(step)) if step.name in _REARRANGING else None
        elif type(layer).__name__ in _HANDED_ON:
            further = _first_behind(network, step.outputs)
        else:
            further = _first_inside(layer) if len(leaves(step.args)) == 1 else None
        if further is None:
            return None
        found += further
    return list(dict.fromkeys(found))
