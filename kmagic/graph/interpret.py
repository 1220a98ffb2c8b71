"""Running a graph node by node on NumPy: for small eager uses, and as the replay that names a failing node."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kmagic.base.dtypes import held_as
from kmagic.base.errors import BadData
from kmagic.base.shapes import Extent
from kmagic.graph.narrow import Bfloat16, array_of
from kmagic.graph.node import Body, Node, topological
from kmagic.graph.variable import flat

Watch = Callable[[Node, Any, Sequence[Any]], None]


def evaluate(
    roots: Sequence[Node], given: Mapping[Node, Any], sizes: Mapping[str, int], watch: Watch | None = None
) -> list[Any]:
    """The values of `roots`, given those of placeholders and the sizes; `watch` sees each value as it is made."""
    values: dict[Node, Any] = dict(given)
    for node in topological(roots):
        if node not in values:
            inputs = [values[source] for source in node.inputs]
            values[node] = run_node(node, inputs, sizes, watch)
            if watch:
                watch(node, values[node], inputs)
    return [values[node] for node in roots]


def run_node(node: Node, inputs: Sequence[Any], sizes: Mapping[str, int], watch: Watch | None = None) -> Any:
    """The value of one node; an index outside its axis says in which layer."""
    attributes = bound(node.attributes, sizes)
    match node.name:
        case "constant":
            value = attributes["value"]
            return Bfloat16.around(value) if node.dtype == "bfloat16" else value
        case "read":
            value = stored(node).copy()
            return Bfloat16.around(value) if node.dtype == "bfloat16" else value
        case "extent":
            return array_of(attributes["value"], node.dtype)
        case "iota":
            return np.arange(bound(node.shape, sizes)[0], dtype=node.dtype)
        case "item":
            return inputs[0][attributes["index"]]
        case "cond":
            return run_body(attributes["true" if inputs[0] else "false"], inputs[1:], sizes, watch)
        case "remat":
            return inputs
        case "scan":
            return _run_scan(inputs, sizes, watch, **attributes)
        case "while":
            return _run_while(inputs, sizes, watch, **attributes)
    try:
        result = array_of(node.op(*inputs, **attributes), node.dtype)
    except BadData as error:
        raise BadData(error.found, where=node.origin.layer or None, expected=error.expected, fix=error.fix) from None
    return result


def stored(node: Node) -> Any:
    """The memory that a read node names."""
    variables = node.attributes["variables"]
    return variables[0].array if len(variables) == 1 else flat(variables)


def run_body(body: Body, arguments: Sequence[Any], sizes: Mapping[str, int], watch: Watch | None = None) -> list[Any]:
    """The outputs of a body on values for its parameters."""
    return evaluate(body.outputs, dict(zip(body.parameters, arguments, strict=True)), sizes, watch)


def _run_scan(
    inputs: Sequence[Any],
    sizes: Mapping[str, int],
    watch: Watch | None,
    body: Body,
    length: int,
    reverse: bool,
    carries: int,
    slices: int,
) -> list[Any]:
    """The last carries, the stacked outputs, and the carries before each step."""
    carry, walked, outside = inputs[:carries], inputs[carries : carries + slices], inputs[carries + slices :]
    kept = (*body.outputs[carries:], *body.parameters[:carries])
    stacks = [np.empty((length, *bound(node.shape, sizes)), held_as(node.dtype)) for node in kept]
    for t in reversed(range(length)) if reverse else range(length):
        results = run_body(body, [*carry, *(x[t, ...] for x in walked), *outside], sizes, watch)
        for stack, value in zip(stacks, [*results[carries:], *carry], strict=True):
            stack[t] = value
        carry = results[:carries]
    return [*carry, *(array_of(stack, node.dtype) for stack, node in zip(stacks, kept, strict=True))]


def _run_while(
    inputs: Sequence[Any],
    sizes: Mapping[str, int],
    watch: Watch | None,
    test: Body,
    body: Body,
    carries: int,
    limit: int | None,
) -> list[Any]:
    """The last carries."""
    carry, outside = list(inputs[:carries]), inputs[carries:]
    for _ in itertools.count() if limit is None else range(limit):
        if not run_body(test, [*carry, *outside], sizes, watch)[0]:
            break
        carry = run_body(body, [*carry, *outside], sizes, watch)
    return carry


def bound(value: Any, sizes: Mapping[str, int]) -> Any:
    """`value` with every extent in it replaced by its number."""
    if isinstance(value, Extent):
        return value.bind(sizes)
    if isinstance(value, tuple):
        return tuple(bound(item, sizes) for item in value)
    if isinstance(value, dict):
        return {key: bound(item, sizes) for key, item in value.items()}
    return value
