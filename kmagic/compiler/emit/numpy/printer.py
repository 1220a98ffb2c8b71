"""Print a plan as Python text that calls NumPy with every result preallocated.

Promise: before, a plan; after, text of `bind(values, extras, blocks)`, which returns `step()`. A step allocates no
array for pointwise operations, products and reductions, and returns 0, or the number of the check that failed; then
nothing was written.
Method: 1. a line for each node of each kernel, `multiply(v3, v4, v5)`; 2. long vectors in blocks; 3. `if not v9:
return 2` for each check, before the first kernel that writes; 4. stores of what could not be computed in place.

This is the portable executor and the oracle of the other emitters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.dtypes import is_float
from kmagic.compiler.emit.numpy.control import CONTROLS
from kmagic.compiler.emit.numpy.narrow import is_narrow, narrow
from kmagic.compiler.emit.numpy.text import Extra, Text
from kmagic.compiler.emit.numpy.windows import is_pool, pool, window
from kmagic.compiler.fuse import Kernel, is_dense, owner
from kmagic.compiler.place import Plan
from kmagic.graph.interpret import bound
from kmagic.graph.narrow import to_bfloat16, to_float16
from kmagic.graph.node import Node, Targets
from kmagic.graph.ops.movement import as_slices
from kmagic.graph.ops.special import error_function

if TYPE_CHECKING:
    from kmagic.compiler.emit.numpy.binding import Binding

Array = np.ndarray[Any, Any]


# functions of arrays that, like NumPy's, take the array for the result as a last argument
_WITH_OUT = (error_function, to_bfloat16, to_float16)
_REDUCTIONS = {
    "reduce_sum": "sum_of",
    "reduce_max": "largest_of",
    "reduce_min": "smallest_of",
    "reduce_prod": "product_of",
}


def emit(plan: Plan) -> Text:
    """The plan as Python text."""
    text = Text()
    schedule = plan.schedule
    for number, kernel in enumerate(schedule.before):
        _kernel(text, plan, number, kernel)
    for check in schedule.graph.checks:
        text.add(f"if not {text.name(check)}: return {text.status(check)}")
    for output in schedule.graph.outputs.values():
        if owner(output).name == "read":  # the writes that follow would change it
            kept(text, output)
    for number, kernel in enumerate(schedule.after, len(schedule.before)):
        _kernel(text, plan, number, kernel)
    stores(text, plan)
    return text


def kept(text: Text, output: Node) -> None:
    """A copy of a result that is a variable's value."""
    text.add(f"copyto({text.extra(_kept(output))}, {text.name(output)})")


def _kept(output: Node) -> Extra:
    return lambda at: at.keep(output)


def _kernel(text: Text, plan: Plan, number: int, kernel: Kernel) -> None:
    text.add(f"# {kernel}")
    if number in plan.blocked:
        _blocked(text, kernel)
    else:
        for node in kernel.nodes:
            PRINTERS[node.op.kind](text, plan, node)


def _blocked(text: Text, kernel: Kernel) -> None:
    """A loop over blocks of a long vector; names are local to the loop."""
    nodes = tuple(dict.fromkeys(item for node in kernel.nodes for item in (*node.inputs, node)))
    names = {node: f"b{i}" for i, node in enumerate(nodes)}
    text.add(f"for {', '.join(names.values())}, in blocks[{len(text.blocks)}]:")
    text.blocks.append(nodes)
    for node in kernel.nodes:
        for line in _pointwise_lines(node, names[node], [names[source] for source in node.inputs]):
            text.add(f"    {line}")


def _pointwise(text: Text, plan: Plan, node: Node) -> None:
    for line in _pointwise_lines(node, text.name(node), [text.name(source) for source in node.inputs]):
        text.add(line)


def _pointwise_lines(node: Node, out: str, inputs: Sequence[str]) -> list[str]:
    if node.name == "where":
        condition, x1, x2 = inputs
        return [f"copyto({out}, {x2})", f"copyto({out}, {x1}, 'same_kind', {condition})"]
    function = node.op.numpy
    if isinstance(function, np.ufunc) or function in _WITH_OUT:
        # NumPy wants the name of `out` where a third position could be taken for a third value
        label = "out=" if node.name in ("maximum", "minimum") else ""
        return [f"{function.__name__}({', '.join(inputs)}, {label}{out})"]
    return [f"copyto({out}, {inputs[0]}, 'unsafe')"]


def _reduce(text: Text, plan: Plan, node: Node) -> None:
    (source,) = node.inputs
    if is_pool(node):
        pool(text, node)
        return
    if is_narrow(node):
        narrow(text, node)
        return
    axes, rank = node.attributes["axes"], len(source.shape)
    leading, whole = axes == tuple(range(len(axes))) and len(axes) < rank, len(axes) == rank
    if node.name == "reduce_sum" and leading and is_float(source.dtype) and is_dense(source):
        # a product with a row of ones is the fastest sum over leading axes that NumPy has
        ones = text.extra(lambda at: np.ones(_rows(at[source], axes), source.dtype))
        table = text.extra(lambda at: at[source].reshape(_rows(at[source], axes), at[node].size))
        out = text.extra(lambda at: at[node].reshape(-1))
        text.add(f"dot({ones}, {table}, {out})")
        return
    function, dtype = _REDUCTIONS[node.name], repr(node.dtype) if source.dtype != node.dtype else "None"
    if whole and is_dense(source):
        line = text.extra(lambda at: at[source].reshape(-1))
        out = text.extra(lambda at: at[node].reshape(()))
        text.add(f"{function}({line}, 0, {dtype}, {out})")
        return
    keepdims = node.attributes["keepdims"]
    text.add(f"{function}({text.name(source)}, {axes}, {dtype}, {text.name(node)}, {keepdims})")


def _rows(array: Array, axes: Sequence[int]) -> int:
    rows = 1
    for axis in axes:
        rows *= array.shape[axis]
    return rows


def _product(text: Text, plan: Plan, node: Node) -> None:
    if node.name != "product":
        _call(text, plan, node)
        return
    a, b = node.inputs
    function = "dot" if len(a.shape) == len(b.shape) == 2 else "matmul"
    text.add(f"{function}({text.name(a)}, {text.name(b)}, {text.name(node)})")


def _movement(text: Text, plan: Plan, node: Node) -> None:
    out = text.name(node)
    match node.name:
        case "join":
            inputs = ", ".join(map(text.name, node.inputs))
            text.add(f"concatenate(({inputs},), {node.attributes['axis']}, {out})")
        case "pack":
            _pack(text, plan, node)
        case "embed":
            slices = node.attributes["slices"]
            hole = text.extra(lambda at: at[node][as_slices(bound(slices, at.sizes))])
            text.add(f"{out}.fill(0)")
            text.add(f"copyto({hole}, {text.name(node.inputs[0])})")
        case _:
            source = node.inputs[0]
            seen = text.extra(lambda at: at[node].reshape(at[source].shape))
            text.add(f"copyto({seen}, {text.name(source)})")


def _pack(text: Text, plan: Plan, node: Node) -> None:
    """Copy what could not be made right in the pack."""
    offset: shapes.Axis = 0
    for source in node.inputs:
        start, stop = offset, shapes.size(source.shape) + offset
        offset = stop
        made = plan.places[owner(source)]
        if made.source is not node or made.offset != start:
            part = text.extra(_part(node, source, start, stop))
            text.add(f"copyto({part}, {text.name(source)})")


def _part(node: Node, source: Node, start: shapes.Axis, stop: shapes.Axis) -> Extra:
    def view(at: Binding) -> Array:
        first, last = bound((start, stop), at.sizes)
        return at[node][first:last].reshape(at[source].shape)

    return view


def _index(text: Text, plan: Plan, node: Node) -> None:
    """Check the indices, then run the operation's own NumPy text."""
    if len(node.inputs) == 2:
        indices = node.inputs[1]
        test = text.extra(lambda at: _bounds_test(node, at))
        text.add(f"if {test}(): return {text.status(indices if indices.inputs else node)}")
    _call(text, plan, node)


def _bounds_test(node: Node, at: Binding) -> Callable[[], bool]:
    indices = at[node.inputs[1]]
    axis = node.attributes["axis"]
    size = bound(node.attributes["size"] if "size" in node.attributes else node.inputs[0].shape[axis], at.sizes)

    def outside() -> bool:
        return bool(indices.size) and bool(indices.min() < 0 or indices.max() >= size)

    return outside


def _call(text: Text, plan: Plan, node: Node) -> None:
    """An operation without an `out` of its own: computed, then copied."""

    def make(at: Binding) -> Callable[[], None]:
        inputs, out = [at[source] for source in node.inputs], at[node]
        run, attributes = node.op.numpy, bound(node.attributes, at.sizes)
        assert run is not None
        return lambda: np.copyto(out, run(*inputs, **attributes), casting="unsafe")

    text.add(f"{text.extra(make)}()")


def stores(text: Text, plan: Plan) -> None:
    """Write the updates that were not computed in place; values that are variables themselves are copied first."""
    stores = plan.schedule.stores
    waiting = []
    for targets, node in stores:
        value = text.name(node)
        if owner(node).name == "read":
            text.add(f"{value}_old = {value}.copy()")
            value = f"{value}_old"
        waiting.append((targets, node, value))
    for targets, node, value in waiting:
        text.add(f"copyto({text.extra(_memory(targets, node))}, {value})")


def _memory(targets: Targets, node: Node) -> Extra:
    return lambda at: at.memory(targets).reshape(at[node].shape)


def _control(text: Text, plan: Plan, node: Node) -> None:
    CONTROLS[node.name](text, plan, node, emit)


PRINTERS: dict[str, Callable[[Text, Plan, Node], None]] = {
    "pointwise": _pointwise,
    "reduce": _reduce,
    "product": _product,
    "decomposition": _call,
    "movement": _movement,
    "index": _index,
    "window": window,
    "random": _call,
    "control": _control,
}
