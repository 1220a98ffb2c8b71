"""Values that are not kept for the backward pass but computed again in it: less memory for more time.

A `remat` node stands between what a function computed and those who use it. Its rule computes the function once more,
from its inputs as they are `after` the gradient has come back: so the second computation is no other name of the first,
and cannot begin before the gradient is there.
Source: T. Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from kmagic.base import trees
from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadType
from kmagic.graph import eager, trace
from kmagic.graph.masks import mask_of, with_mask
from kmagic.graph.node import Body, Node, next_serial
from kmagic.graph.ops.gradient import item, reverse_pass
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops, primitive

_FIXED = ("constant", "extent", "iota")  # no less known at any time


@primitive(
    "movement",
    numpy=lambda x, other: x,
    gradient=lambda g, y, x, other: (g, None),
    shape=lambda x, other: x,
    dtype=lambda x, other: x,
    compute=None,
)
def _after(x: Any, other: Any, /) -> Any:
    """The first value, which nobody may use before the second one is known."""


def _kept(*values: Any, body: Body) -> Any:
    raise BadType("a remat node cannot be called", expected="kmagic.remat(function)")


def _again(g: dict[int, Any], y: Any, *inputs: Any, body: Body) -> list[Any]:
    """The gradients of the body, whose values are computed anew."""
    given = sorted(g)
    outside = inputs[len(inputs) - len(body.parameters) :]
    waiting = [_waiting(x, [g[i] for i in given]) for x in outside]
    outputs = trace.substitute([body.outputs[i] for i in given], dict(zip(body.parameters, waiting, strict=True)))
    places = [i for i, x in enumerate(outside) if is_float(x.dtype)]
    found = reverse_pass(outputs, [g[i] for i in given], [waiting[i] for i in places])
    # in a loop sums over the steps are taken at once, or the factors of all steps would be kept for them
    parts = {i: ops.rows["after"](Symbol(part), g[given[0]]) for i, part in zip(places, found, strict=True)}
    return [*[None] * len(body.outputs), *(parts.get(i) for i in range(len(outside)))]


def _waiting(x: Any, gradients: list[Any]) -> Node:
    for gradient in gradients if x.node.name not in _FIXED else ():
        x = ops.rows["after"](x, gradient)
    node: Node = x.node
    return node


@primitive("control", numpy=_kept, gradient=_again, shape=lambda *x, body: (), compute=None, smooth=False)
def _remat(*values: Any, body: Body) -> Any:
    """The first inputs, as many as the body has outputs; the body computes them from the others."""


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, of which the backward pass keeps nothing but the inputs: it computes the rest once more.

    `f` may be any function of arrays and symbols, also a layer, or a step of a `scan`. Outside of a program there is
    nothing to keep, and `f` just runs.

    >>> from kmagic import grad, ops
    >>> float(grad(remat(lambda x: ops.sin(ops.exp(x))))(0.0)) == float(grad(lambda x: ops.sin(ops.exp(x)))(0.0))
    True
    """
    if not callable(f):
        raise BadType(f"f is {f!r}", where="remat", expected="a function")

    @functools.wraps(f)
    def forgetful(*args: Any, **kwargs: Any) -> Any:
        start = next_serial()
        return forgotten(start, f(*args, **kwargs))

    return forgetful


def forgotten(start: int, result: Any) -> Any:
    """A result that was computed since the serial `start`, so that the backward pass computes it again."""
    leaves = trees.leaves(result, skip_none=True)
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Symbol)]
    nodes = [leaves[i].node for i in places]
    if trace.is_immediate() or not any(is_float(node.dtype) and node.serial > start for node in nodes):
        return result
    outside = trace.captured(nodes, start)
    row: Any = ops.rows["remat"]
    body = trace.close(nodes, outside)
    node = Node(row, (*nodes, *outside), {"body": body}, (), "bool", eager.current_origin())
    for number, place in enumerate(places):
        leaves[place] = with_mask(item(node, number, nodes[number]), mask_of(leaves[place]))
    return trees.filled(result, leaves, skip_none=True)


def walk_in_segments(walk: Callable[[Any, Any], Any], start: Any, along: Any, reverse: bool) -> tuple[Any, Any]:
    """`walk(carry, piece)`, a scan that gives the last carry and what is stacked, along arrays of many steps.

    The backward pass keeps the carries of about √steps places, and walks anew between them. Pieces are cut from the
    first axis of the arrays in `along`.
    """
    walk = remat(walk)
    steps = trees.leaves(along, skip_none=True)[0].shape[0]
    length = round(math.sqrt(steps)) if isinstance(steps, int) else 0
    if length < 2:
        carry, made = walk(start, along)
        return carry, made
    whole = steps // length * length

    def cut(x: Any) -> Any:
        return ops.reshape(x[:whole], (whole // length, length, *x.shape[1:]))

    pieces = trees.mapped(cut, along, skip_none=True)
    if whole == steps:
        carry, made = ops.scan(walk, start, pieces, reverse=reverse)
        return carry, trees.mapped(lambda y: ops.reshape(y, (whole, *y.shape[2:])), made, skip_none=True)
    rest = trees.mapped(lambda x: x[whole:], along, skip_none=True)
    carry, last = walk(start, rest) if reverse else (start, None)
    carry, made = ops.scan(walk, carry, pieces, reverse=reverse)
    carry, last = (carry, last) if reverse else walk(carry, rest)
    joined = [
        ops.concatenate([ops.reshape(y, (whole, *y.shape[2:])), z], axis=0)
        for y, z in zip(trees.leaves(made, skip_none=True), trees.leaves(last, skip_none=True), strict=True)
    ]
    return carry, trees.filled(made, joined, skip_none=True)
