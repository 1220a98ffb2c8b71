"""Print windows: loops over the entries of a window, each for all windows at once, on views made when bound.

A reduction of windows is as many steps of the function as a window has entries, which is several times faster than
NumPy's own reduction over inner axes. Sums in one place are made for a few rows at a time, which stay in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from kmagic.compiler.emit.numpy.text import Extra, Text
from kmagic.compiler.place import Plan
from kmagic.graph.node import Node
from kmagic.graph.ops.windows.cutting import targets
from kmagic.graph.ops.windows.frame import Frame, Sizes

if TYPE_CHECKING:
    from kmagic.compiler.emit.numpy.binding import Binding

Array = np.ndarray[Any, Any]
CACHED = 2**19  # bytes of a sum that is worked on at a time
STRIPS = range(2, 24)  # entries behind the windows for which adding rows of windows pays: few, but not one
STEPS = {"reduce_sum": "add", "reduce_max": "maximum", "reduce_min": "minimum", "reduce_prod": "multiply"}


def is_pool(node: Node) -> bool:
    """Whether a reduction makes one value of each window."""
    source = node.inputs[0]
    if source.name != "windows" or node.attributes["keepdims"] or node.dtype != source.dtype:
        return False
    return bool(node.attributes["axes"] == Frame.of(source.attributes).inner)


def pool(text: Text, node: Node) -> None:
    """A reduction of each window."""
    frame = Frame.of(node.inputs[0].attributes)

    def entries(at: Binding) -> tuple[Array, list[Array]]:
        found = targets(frame, at[node.inputs[0].inputs[0]], at[node].shape[frame.axis : frame.axis + frame.rank])
        (_, start), *rest = found
        return start, [entry for _, entry in rest]

    out, made = text.name(node), text.extra(entries)
    text.add(f"copyto({out}, {made}[0])")
    text.add(f"for entry in {made}[1]: {STEPS[node.name]}({out}, entry, out={out})")


def _rows(out: Array, lead: int) -> Iterator[slice]:
    """Pieces of the first axis that fit into the cache; all of it where windows run over it."""
    if not lead or not out.size:
        yield slice(None)
        return
    step = max(1, CACHED // (out.itemsize * math.prod(out.shape[1:])))
    for start in range(0, len(out), step):
        yield slice(start, start + step)


def _pairs(frame: Frame, source: Array, out: Array) -> list[tuple[Array, Array]]:
    """Views of the result with what is added to each: an entry of all windows, or a strip of some."""
    counts = source.shape[frame.axis : frame.axis + frame.rank]
    rest = math.prod(out.shape[frame.axis + frame.rank :])
    whole = source.flags.c_contiguous and out.flags.c_contiguous and out.size
    if frame.dilation[-1] == 1 and rest in STRIPS and whole:
        return list(_strips(frame, source, out, counts, rest))
    return [(target, source[place]) for place, target in targets(frame, out, counts)]


def _strips(frame: Frame, source: Array, out: Array, counts: Sizes, rest: int) -> Iterator[tuple[Array, Array]]:
    """A row of a window lies in one piece, so that NumPy's inner loop runs over all of it instead of a few channels."""
    last = frame.axis + frame.rank - 1
    flat = out.reshape(*out.shape[:last], -1)
    rows = source.reshape(*source.shape[: last + frame.rank], -1)
    others = Frame(frame.axis, frame.kernel[:-1], frame.strides[:-1], frame.dilation[:-1])
    width, step = frame.kernel[-1] * rest, frame.strides[-1] * rest
    for offsets, cut in others.cuts(counts[:-1]):
        for number in range(counts[-1]):
            row: Any = (*(slice(None),) * last, number, *offsets)
            yield flat[(*cut, slice(number * step, number * step + width))], rows[row]


def _overlap(text: Text, plan: Plan, node: Node) -> None:
    frame = Frame.of(node.attributes)

    def pieces(at: Binding) -> list[tuple[Array, list[tuple[Array, Array]]]]:
        source, out = at[node.inputs[0]], at[node]
        return [(out[rows], _pairs(frame, source[rows], out[rows])) for rows in _rows(out, frame.axis)]

    text.add(f"for sums, entries in {text.extra(pieces)}:")
    text.add("    sums.fill(0)")
    if frame.is_disjoint:
        text.add("    for place, entry in entries: copyto(place, entry)")
    else:
        text.add("    for place, entry in entries: add(place, entry, place)")


def _entries(array: Node, counted: Node, frame: Frame, first: int, step: int, bits: bool = False) -> Extra:
    """A number for each entry of a window, `first`, `first` + `step`, …, with a view of it for all windows."""

    def make(at: Binding) -> list[tuple[Any, Array]]:
        counts = at[counted].shape[frame.axis : frame.axis + frame.rank]
        number = np.dtype(counted.dtype).type
        seen = _as_bits(at[array]) if bits else at[array]
        views = [view for _, view in targets(frame, seen, counts)]
        return [(number(first + i * step), view) for i, view in enumerate(views)]

    return make


def _as_bits(array: Array) -> Array:
    """The same memory as whole numbers."""
    return array.view(f"i{array.itemsize}")


def _scratch(text: Text, node: Node, dtype: str) -> None:
    """Arrays of a step's own of a node's shape: `hit`, truth values, `ones`, the same as bytes, `part` of a dtype."""

    def make(at: Binding) -> tuple[Array, Array, Array]:
        hit = np.empty(at[node].shape, "bool")
        return hit, hit.view("uint8"), np.empty(at[node].shape, dtype)

    text.add(f"hit, ones, part = {text.extra(make)}")


def _place(text: Text, plan: Plan, node: Node) -> None:
    """The largest of numbers that fall with each entry is that of the first one."""
    x, top = node.inputs
    frame, out = Frame.of(node.attributes), text.name(node)
    _scratch(text, node, node.dtype)
    text.add(f"{out}.fill(0)")
    text.add(f"for number, entry in {text.extra(_entries(x, node, frame, frame.volume, -1))}:")
    text.add(f"    equal(entry, {text.name(top)}, hit)")
    text.add("    multiply(ones, number, part)")
    text.add(f"    maximum({out}, part, out={out})")
    text.add(f"subtract({frame.volume}, {out}, {out})")


def _into(text: Text, plan: Plan, node: Node) -> None:
    """Bits of the value, or none: also infinity leaves nothing where it does not belong."""
    x, places = node.inputs
    frame = Frame.of(node.attributes)
    bits = text.extra(lambda at: _as_bits(at[x]))
    _scratch(text, places, f"int{8 * np.dtype(node.dtype).itemsize}")
    text.add(f"{text.name(node)}.fill(0)")
    entries = text.extra(_entries(node, places, frame, 0, 1, bits=frame.is_disjoint))
    text.add(f"for number, entry in {entries}:")
    text.add(f"    equal({text.name(places)}, number, hit)")
    text.add("    multiply(ones, -1, part, dtype=part.dtype)")
    if frame.is_disjoint:
        text.add(f"    bitwise_and({bits}, part, entry)")
    else:
        text.add(f"    bitwise_and({bits}, part, part)")
        text.add(f"    add(entry, part.view({node.dtype!r}), entry)")


def _from(text: Text, plan: Plan, node: Node) -> None:
    x, places = node.inputs
    entries = text.extra(_entries(x, places, Frame.of(node.attributes), 0, 1))
    _scratch(text, places, "uint8")
    text.add(f"{text.name(node)}.fill(0)")
    text.add(f"for number, entry in {entries}:")
    text.add(f"    equal({text.name(places)}, number, hit)")
    text.add(f"    copyto({text.name(node)}, entry, 'same_kind', hit)")


PRINTERS: dict[str, Callable[[Text, Plan, Node], None]] = {
    "overlap": _overlap,
    "place_in_window": _place,
    "into_window": _into,
    "from_window": _from,
}


def window(text: Text, plan: Plan, node: Node) -> None:
    """An operation on windows."""
    PRINTERS[node.name](text, plan, node)
