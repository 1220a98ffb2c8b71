"""Network: the calls that lead from some symbols to others, put in order, and made again on other values.

This is what `Model(inputs, outputs)` runs. Layers stand in Keras's order, which files depend on: those farthest from
the outputs first, and among equals the one that is met first on the way back from the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from kmagic.base.errors import BadData, BadType, BadValue, ShapeMismatch, Unsupported, closest
from kmagic.base.shapes import Axis, Extent, Shape, written
from kmagic.base.trees import filled, is_nested, leaves, mapped, ordered_keys
from kmagic.graph import trace
from kmagic.graph.interpret import bound, run_node
from kmagic.graph.load import ops
from kmagic.graph.node import Body, Node, topological
from kmagic.graph.symbol import Symbol
from kmagic.layers.connection import Call, call_of
from kmagic.layers.input import InputLayer
from kmagic.layers.layer import Layer, known
from kmagic.models.bound_masks import BoundMasks, drops_masks

Step = Call | Node


class Network:
    """Everything between `inputs` and `outputs`, both trees of symbols."""

    def __init__(self, inputs: Any, outputs: Any, name: str) -> None:
        self.inputs, self.outputs, self.name = inputs, outputs, name
        self._check_symbols()
        self._starts = [symbol.node for symbol in leaves(inputs)]
        self._ends = [symbol.node for symbol in leaves(outputs)]
        self.steps = self._ordered()
        self.layers = self._layers()
        self._drops_masks = any(drops_masks(layer) for layer in self.layers)

    def _check_symbols(self) -> None:
        for title, tree in (("inputs", self.inputs), ("outputs", self.outputs)):
            wrong = next((leaf for leaf in leaves(tree) if not isinstance(leaf, Symbol)), None)
            if wrong is not None or not leaves(tree):
                raise BadType(
                    f"{title} is {tree!r}",
                    where=self.name,
                    expected="symbols: what Input(...) and layers called on it give",
                    fix="x = Input(shape=(4,)); Model(x, Dense(1)(x))",
                )

    @property
    def flat_inputs(self) -> list[Symbol]:
        """The inputs in order."""
        return leaves(self.inputs)

    @property
    def flat_outputs(self) -> list[Symbol]:
        """The outputs in order."""
        return leaves(self.outputs)

    # ---- names ----

    @property
    def input_names(self) -> list[str]:
        """A name for each input: its key in a dictionary, else that of its layer."""
        return _names(self.inputs, self._starts)

    @property
    def output_names(self) -> list[str]:
        """A name for each output: its key in a dictionary, else that of the layer that gives it."""
        return _names(self.outputs, self._ends)

    @property
    def makers(self) -> list[Layer | None]:
        """For each output the layer that gives it, None where an operation does."""
        calls = [call_of(node) for node in self._ends]
        return [call.layer if call else None for call in calls]

    @property
    def connections(self) -> list[tuple[Layer, Layer | None]]:
        """Which layer's output goes to which; to None where an operation takes it, or where it is an output."""
        taken = [(node, step) for step in self.steps for node in sources(step)]
        pairs = [(node, step.layer if isinstance(step, Call) else None) for node, step in taken]
        given = [(call_of(node), taker) for node, taker in (*pairs, *((node, None) for node in self._ends))]
        return [(call.layer, taker) for call, taker in given if call]

    # ---- order ----

    def _ordered(self) -> list[Step]:
        """Every step, inputs among them, those farthest from the outputs first."""
        met, finished = self._met()
        depth = _depths(finished)
        place = {step: number for number, step in enumerate(met)}
        ordered = sorted(finished, key=lambda step: (-depth[step], place[step]))
        inputs = [call for node in self._starts if (call := call_of(node)) and _is_input(call)]
        unused = [call for call in inputs if call not in place]
        last = next((number for number, step in enumerate(ordered) if depth[step] == 0), len(ordered))
        return [*ordered[:last], *unused, *ordered[last:]]

    def _met(self) -> tuple[list[Step], list[Step]]:
        """Steps in the order in which they are met going back from the outputs, and in that in which they can run."""
        met: dict[Step, None] = {}
        finished: dict[Step, None] = {}
        waiting: list[tuple[Node, bool]] = [(node, False) for node in reversed(self._ends)]
        while waiting:
            node, is_done = waiting.pop()
            step = call_of(node) or node
            if is_done:
                finished[step] = None
            elif step not in met and (node not in self._starts or _is_input(step)):
                self._check_reachable(node, step)
                met[step] = None
                waiting.append((node, True))
                waiting += [(source, False) for source in reversed(sources(step))]
        return list(met), list(finished)

    def _check_reachable(self, node: Node, step: Step) -> None:
        if node in self._starts:
            return
        if isinstance(step, Call) and _is_input(step):
            raise BadValue(
                f"Graph disconnected: the outputs depend on input {step.layer.name!r}",
                where=self.name,
                expected="every input in `inputs`",
            )
        if isinstance(step, Node) and step.op.kind == "random":
            raise Unsupported(
                "random numbers between layers would be the same for every batch",
                where=self.name,
                expected="a layer that draws them in its call, such as kmagic.layers.Dropout",
            )
        if isinstance(step, Node) and step.name == "placeholder":
            raise BadValue("Graph disconnected: a symbol of another program", where=self.name)

    def _layers(self) -> list[Layer]:
        """The layers, inputs among them, each once."""
        found = list(dict.fromkeys(step.layer for step in self.steps if isinstance(step, Call)))
        for layer in found:
            if any(other.name == layer.name for other in found if other is not layer):
                raise BadValue(
                    f"two layers are named {layer.name!r}", where=self.name, expected="each name once", fix="name='…'"
                )
        return found

    # ---- running ----

    def __call__(self, inputs: Any, instead: Mapping[Layer, Callable[..., Any]] = MappingProxyType({})) -> Any:
        """The outputs for these inputs, arrays or symbols; `instead` says what is called in a layer's place."""
        given = self.ranked(inputs)
        return self._run(given, self.sizes(given), lambda layer: instead.get(layer, layer))

    def ranked(self, inputs: Any) -> list[Any]:
        """Inputs in the network's order, a last axis of 1 added or taken away where that is all that is wrong."""
        shapes = [known(node.shape) for node in self._starts]
        return [of_rank(value, shape) for value, shape in zip(self.matched(inputs), shapes, strict=True)]

    def sizes(self, given: Sequence[Any]) -> dict[str, Any]:
        """What the unknown axes of the inputs are this time."""
        found: dict[str, Any] = {}
        for node, value in zip(self._starts, given, strict=True):
            _bind_sizes(found, node.shape, tuple(value.shape), self.name)
        return found

    def takers(self, symbol: Symbol) -> list[Step]:
        """The calls and operations that take a symbol."""
        return [step for step in self.steps if symbol.node in sources(step)]

    def taking(self, shape: Sequence[int | None], place: int) -> Network:
        """The same layers, with an input of another shape; those whose weights were made for others get fresh ones."""
        name = _names(self.flat_inputs, self._starts)[place]
        new = InputLayer(shape=shape, dtype=self._starts[place].dtype, name=name).output
        symbols = filled(self.inputs, [new if n == place else old for n, old in enumerate(self.flat_inputs)])
        sizes = {
            next(iter(axis.names)): new
            for node, symbol in zip(self._starts, leaves(symbols), strict=True)
            for axis, new in zip(node.shape, symbol.shape, strict=False)
            if isinstance(axis, Extent)
        }
        return Network(symbols, self._run(leaves(symbols), sizes, _renewed), self.name)

    def _run(self, given: Sequence[Any], sizes: dict[str, Any], called: Callable[[Layer], Callable[..., Any]]) -> Any:
        values: dict[Node, Any] = dict(zip(self._starts, given, strict=True))
        bound_masks = BoundMasks() if self._drops_masks else None
        for step in self.steps:
            if not _is_input(step):
                self.take_step(step, values, sizes, called, bound_masks)
        return filled(self.outputs, [values[node] for node in self._ends])

    def take_step(
        self,
        step: Step,
        values: dict[Node, Any],
        sizes: dict[str, Any],
        called: Callable[[Layer], Callable[..., Any]],
        bound_masks: BoundMasks | None = None,
    ) -> None:
        """Make a call or an operation again, on the values of what it takes."""
        if isinstance(step, Node):
            values[step] = _again(step, [values[source] for source in step.inputs], sizes)
            return
        args, kwargs = mapped(lambda leaf: value_of(leaf, values), (step.args, step.kwargs))
        if bound_masks:
            kwargs |= bound_masks.wanted(step)
        results = leaves(called(step.layer)(*args, **kwargs))
        if bound_masks:
            bound_masks.follow(step, args, kwargs)
        for symbol, result in zip(leaves(step.outputs), results, strict=True):
            values[symbol.node] = result
            _learn_sizes(sizes, symbol.shape, tuple(result.shape))

    def needed(self, inputs: Any, where: str) -> Any:
        """Inputs without what a dictionary holds besides."""
        return needed(inputs, self.inputs, self.input_names, where)

    def matched(self, inputs: Any) -> list[Any]:
        """Inputs in the network's order; dictionaries go by names."""
        return matched(inputs, self.inputs, self.input_names, self.name)


def of_rank(value: Any, shape: Sequence[Any]) -> Any:
    """An array or symbol as an input of this shape takes it: a last axis of 1 is added or taken away, as Keras does.

    >>> of_rank(np.ones((5, 28, 28)), (None, 28, 28, 1)).shape, of_rank(np.ones((5, 3, 1)), (None, 3)).shape
    ((5, 28, 28, 1), (5, 3))
    """
    axes = tuple(value.shape)
    if len(axes) == len(shape) - 1 and shape[-1] == 1:
        return value[..., None] if isinstance(value, np.ndarray) else ops.expand_dims(value, -1)
    if len(axes) == len(shape) + 1 and axes[-1] == 1 and len(shape) > 1:
        return value[..., 0] if isinstance(value, np.ndarray) else ops.squeeze(value, -1)
    return value


def _renewed(layer: Layer) -> Callable[..., Any]:
    """The layer, which forgets its weights where they do not suit what it is called on."""

    def call(inputs: Any, *args: Any, **options: Any) -> Any:
        if isinstance(inputs, Symbol) and not layer.suits(known(inputs.shape)):
            layer.unbuild()
        return layer(inputs, *args, **options)

    return call


def _is_input(step: Step) -> bool:
    """Whether a step is where data come in."""
    return isinstance(step, Call) and isinstance(step.layer, InputLayer)


def needed(given: Any, like: Any, names: Sequence[str], where: str) -> Any:
    """What inputs take of a dictionary, by the keys of `like` or else by `names`; anything else is as it was given."""
    if not isinstance(given, dict):
        return given
    keys = list(like) if isinstance(like, dict) else list(names)
    missing = [key for key in keys if key not in given]
    if missing:
        unused = [key for key in given if key not in keys]
        close = closest(str(missing[0]), map(str, unused))
        raise BadData(
            f'missing data for input "{missing[0]}" among the keys {", ".join(map(repr, given))}',
            where=where,
            expected=f"the keys {', '.join(map(repr, keys))}",
            fix=f"{missing[0]!r} in place of {close[0]!r}" if close else None,
        )
    return {key: given[key] for key in given if key in keys}


def matched(given: Any, like: Any, names: Sequence[str], where: str) -> list[Any]:
    """The leaves of what was given, in the order of `names`; a dictionary may go by names where `like` is a list."""
    given = needed(given, like, names, where)
    if isinstance(given, dict) and not isinstance(like, dict):
        return [given[name] for name in names]
    found = leaves(given)
    if len(found) != len(names):
        raise BadData(f"{len(found)} arrays", where=where, expected=f"{len(names)}: {', '.join(names)}")
    return found


def _names(tree: Any, nodes: Sequence[Node]) -> list[str]:
    if isinstance(tree, dict) and not any(is_nested(item) for item in tree.values()):
        return [str(key) for key in ordered_keys(tree)]
    calls = [call_of(node) for node in nodes]
    return [call.layer.name if call else node.name for call, node in zip(calls, nodes, strict=True)]


def sources(step: Step) -> list[Node]:
    """The nodes that a step takes."""
    if isinstance(step, Node):
        return list(step.inputs)
    return [leaf.node for leaf in leaves((step.args, step.kwargs)) if isinstance(leaf, Symbol)]


def _depths(steps: Sequence[Step]) -> dict[Step, int]:
    """The longest way from each step to an output; a layer that is called twice counts by its farther call."""
    depth: dict[Step, int] = {}
    of_layer: dict[Any, int] = {}
    for step in reversed(steps):
        own = step.layer if isinstance(step, Call) else step
        depth[step] = of_layer[own] = max(depth.get(step, 0), of_layer.get(own, 0))
        for node in sources(step):
            source = call_of(node) or node
            depth[source] = max(depth.get(source, 0), depth[step] + 1)
    return depth


def _bind_sizes(sizes: dict[str, Any], declared: Shape, actual: Shape, where: str) -> None:
    """Learn what the unknown axes of an input are this time."""
    if len(declared) != len(actual):
        raise ShapeMismatch(f"input {written(actual)}", where=where, expected=written(declared))
    for axis, size in zip(declared, actual, strict=True):
        if isinstance(axis, Extent):
            (name,) = axis.names
            known: Axis = sizes.setdefault(name, size)
            if known != size:
                raise ShapeMismatch(f"{size} rows beside {known}", where=where, expected="equal numbers of rows")
        elif axis != size:
            raise ShapeMismatch(f"input {written(actual)}", where=where, expected=written(declared))


def _learn_sizes(sizes: dict[str, Any], declared: Shape, actual: Shape) -> None:
    """What only a layer knows: into how many words it has split a text."""
    for axis, size in zip(declared, actual, strict=True) if len(declared) == len(actual) else ():
        names = axis.names if isinstance(axis, Extent) else ()
        for name in names:
            if axis == Extent.named(name):
                sizes.setdefault(name, size)


def value_of(leaf: Any, values: dict[Node, Any]) -> Any:
    """An argument of a call, its value where it is a symbol."""
    return values[leaf.node] if isinstance(leaf, Symbol) else leaf


def _again(node: Node, inputs: Sequence[Any], sizes: dict[str, Any]) -> Any:
    """An operation between layers on other values: at once on arrays, else as part of the program being traced."""
    current = trace.current()
    if node.name == "read" and current:
        return Symbol(current.value(node.attributes["variables"][0]))
    if not any(isinstance(value, Symbol) for value in inputs) and (inputs or not _is_open(sizes.values())):
        # results of branches and loops are lists, of which an item is taken next
        return run_node(node, [value if isinstance(value, list) else np.asarray(value) for value in inputs], sizes)
    attributes = {name: _bound(value, sizes) for name, value in node.attributes.items()}
    if node.op.kind in ("source", "control") or node.name == "item":
        nodes = tuple(trace.as_symbol(value).node for value in inputs)
        return Symbol(Node(node.op, nodes, attributes, bound(node.shape, sizes), node.dtype, node.origin))
    return node.op(*inputs, **attributes)


def _bound(value: Any, sizes: dict[str, Any]) -> Any:
    """As `bound`, also within the bodies of branches and loops."""
    if not isinstance(value, Body):
        return bound(value, sizes)
    new: dict[Node, Node] = {}
    for node in topological((*value.parameters, *value.outputs)):
        attributes = {name: _bound(item, sizes) for name, item in node.attributes.items()}
        inputs = tuple(new[source] for source in node.inputs)
        new[node] = Node(node.op, inputs, attributes, bound(node.shape, sizes), node.dtype, node.origin)
    return Body(tuple(new[node] for node in value.parameters), tuple(new[node] for node in value.outputs))


def _is_open(sizes: Iterable[Any]) -> bool:
    return any(isinstance(size, Extent) for size in sizes)
