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
from kmagic.graph.ops.windows.frame import Frame

if TYPE_CHECKING:
    from kmagic.compiler.emit.numpy.binding import Binding

Array = np.ndarray[Any, Any]
CACHED = 2**18  # bytes of a sum that is worked on at a time
STEPS = {"reduce_sum": "add", "reduce_max": "maximum", "reduce_min": "minimum", "reduce_prod": "multiply"}


def frame_of(node: Node) -> Frame:
    """Where the windows of a node lie."""
    return Frame(*(node.attributes[name] for name in ("axis", "kernel", "strides", "dilation")))


def is_pool(node: Node) -> bool:
    """Whether a reduction makes one value of each window."""
    source = node.inputs[0]
    if source.name != "windows" or node.attributes["keepdims"] or node.dtype != source.dtype:
        return False
    return bool(node.attributes["axes"] == frame_of(source).inner)


def pool(text: Text, node: Node) -> None:
    """A reduction of each window."""
    frame = frame_of(node.inputs[0])

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


def _overlap(text: Text, plan: Plan, node: Node) -> None:
    frame = frame_of(node)

    def pieces(at: Binding) -> list[tuple[Array, list[tuple[Array, Array]]]]:
        source, out = at[node.inputs[0]], at[node]
        counts = source.shape[frame.axis : frame.axis + frame.rank]
        return [
            (out[rows], [(target, source[rows][place]) for place, target in targets(frame, out[rows], counts)])
            for rows in _rows(out, frame.axis)
        ]

    text.add(f"for sums, entries in {text.extra(pieces)}:")
    text.add("    sums.fill(0)")
    if frame.is_disjoint:
        text.add("    for place, entry in entries: copyto(place, entry)")
    else:
        text.add("    for place, entry in entries: add(place, entry, place)")


def _numbered(array: Callable[[Binding], Array], counted: Callable[[Binding], Array], frame: Frame) -> Extra:
    """The number of each entry of a window, with a view of it for all windows."""

    def make(at: Binding) -> list[tuple[int, Array]]:
        counts = counted(at).shape[frame.axis : frame.axis + frame.rank]
        return [(i, view) for i, (_, view) in enumerate(targets(frame, array(at), counts))]

    return make


def _scratch(text: Text, node: Node, dtype: str) -> str:
    return text.extra(lambda at: np.empty(at[node].shape, dtype))


def _place(text: Text, plan: Plan, node: Node) -> None:
    x, top = node.inputs
    entries = text.extra(_numbered(lambda at: at[x], lambda at: at[top], frame_of(node)))
    out, hit = text.name(node), _scratch(text, node, "bool")
    text.add(f"{out}.fill(0)")
    text.add(f"for number, entry in reversed({entries}):")
    text.add(f"    equal(entry, {text.name(top)}, {hit})")
    text.add(f"    copyto({out}, number, 'same_kind', {hit})")


def _into(text: Text, plan: Plan, node: Node) -> None:
    x, places = node.inputs
    frame = frame_of(node)
    entries = text.extra(_numbered(lambda at: at[node], lambda at: at[places], frame))
    hit = _scratch(text, places, "bool")
    text.add(f"{text.name(node)}.fill(0)")
    text.add(f"for number, entry in {entries}:")
    text.add(f"    equal({text.name(places)}, number, {hit})")
    if frame.is_disjoint:
        text.add(f"    copyto(entry, {text.name(x)}, 'same_kind', {hit})")
    else:
        text.add(f"    add(entry, {text.name(x)}, entry, where={hit})")


def _from(text: Text, plan: Plan, node: Node) -> None:
    x, places = node.inputs
    entries = text.extra(_numbered(lambda at: at[x], lambda at: at[places], frame_of(node)))
    hit = _scratch(text, places, "bool")
    text.add(f"for number, entry in {entries}:")
    text.add(f"    equal({text.name(places)}, number, {hit})")
    text.add(f"    copyto({text.name(node)}, entry, 'same_kind', {hit})")


PRINTERS: dict[str, Callable[[Text, Plan, Node], None]] = {
    "overlap": _overlap,
    "place_in_window": _place,
    "into_window": _into,
    "from_window": _from,
}


def window(text: Text, plan: Plan, node: Node) -> None:
    """An operation on windows."""
    PRINTERS[node.name](text, plan, node)
