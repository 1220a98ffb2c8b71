"""Any stage of a program as a picture: boxes in the order of their dependencies, as SVG."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kmagic.base.layout import Point, layered
from kmagic.base.shapes import written
from kmagic.compiler.body import bodies, graph_of_body
from kmagic.compiler.fuse import Kernel, owner
from kmagic.compiler.legality import graph_of
from kmagic.compiler.place import Plan
from kmagic.graph.node import Node

# Okabe and Ito's colours, which colour-blind readers can tell apart; the kind is in each box's tooltip too
_COLOURS = {
    "pointwise": "#56B4E9",
    "reduce": "#009E73",
    "product": "#E69F00",
    "movement": "#BBBBBB",
    "index": "#CC79A7",
    "window": "#BBBBBB",
    "random": "#F0E442",
    "control": "#D55E00",
    "source": "#DDDDDD",
    "composite": "#0072B2",
}
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 150, 34, 14, 22
_PER_ROW, _TOP = 7, 30


@dataclass
class Box:
    """One box: its kind, title, second line, and the numbers of the boxes that it needs."""

    kind: str
    title: str
    detail: str
    needs: tuple[int, ...]


def picture(result: Any, title: str) -> str:
    """SVG text of a stage's result."""
    boxes = _kernel_boxes(result) if hasattr(result, "kernels") or isinstance(result, Plan) else _node_boxes(result)
    sizes = [(float(_WIDTH), float(_HEIGHT))] * len(boxes)
    layout = layered(sizes, [box.needs for box in boxes], (_GAP_X, _GAP_Y), _PER_ROW)
    width, height = 2 * _GAP_X + _PER_ROW * (_WIDTH + _GAP_X), _TOP + layout.height + _GAP_Y
    cards = (_drawn(box, x + _GAP_X, y + _TOP) for box, (x, y) in zip(boxes, layout.corners, strict=True))
    body = [*map(_edge, layout.lines.values()), *cards]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="100%" role="img" '
        f'style="background:#fff;max-width:{width:.0f}px" font-family="sans-serif"><title>{html.escape(title)}</title>'
        f'<text x="{_GAP_X}" y="16" font-size="13" fill="#000">{html.escape(title)}</text>{"".join(body)}</svg>'
    )


def _node_boxes(result: Any) -> list[Box]:
    graph = graph_of(result)
    nodes = graph.nodes if graph else []
    # constants would hide the rest
    shown = [node for node in nodes if node.name not in ("constant", "extent")]
    number = {node: i for i, node in enumerate(shown)}
    return [
        Box(
            node.op.kind,
            node.name if node.name != "read" else node.attributes["variables"][0].path,
            _detail(node),
            tuple(number[source] for source in node.inputs if source in number),
        )
        for node in shown
    ]


def _detail(node: Node) -> str:
    """Shape and dtype, or how much runs inside, and how often where that is known."""
    inside = sum(len(graph_of_body(body).nodes) for _, body in bodies(node))
    times = node.attributes.get("length", node.attributes.get("limit"))
    return (
        f"{inside} nodes" + (f" × {times}" if times is not None else "") if inside else written(node.shape, node.dtype)
    )


def _kernel_boxes(result: Any) -> list[Box]:
    schedule = result.schedule if isinstance(result, Plan) else result
    kernels: Sequence[Kernel] = schedule.kernels
    made = {node: i for i, kernel in enumerate(kernels) for node in kernel.nodes}
    return [
        Box(
            kernel.kind,
            f"{i} {_brief(kernel)}",
            _detail(kernel.nodes[-1]),
            tuple(sorted({made[source] for source in map(owner, kernel.inputs) if source in made})),
        )
        for i, kernel in enumerate(kernels)
    ]


def _brief(kernel: Kernel) -> str:
    names = [node.name for node in kernel.nodes]
    return " ".join(names) if len(" ".join(names)) < 22 else f"{names[0]} … {names[-1]} ({len(names)})"


def _edge(points: list[Point]) -> str:
    (x1, y1), (x2, y2) = ((x + _GAP_X, y + _TOP) for x, y in points)
    middle = (y1 + y2) / 2
    curve = f"M{x1:.0f} {y1:.0f} C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    return f'<path d="{curve}" fill="none" stroke="#999"/>'


def _drawn(box: Box, x: float, y: float) -> str:
    title = box.title if len(box.title) <= 24 else box.title[:23] + "…"
    return (
        f"<g><title>{html.escape(f'{box.title} {box.detail} ({box.kind})')}</title>"
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="4" fill="{_COLOURS[box.kind]}" '
        f'fill-opacity="0.45" stroke="#555"/>'
        f'<text x="{x + 6:.0f}" y="{y + 14:.0f}" font-size="11" fill="#000">{html.escape(title)}</text>'
        f'<text x="{x + 6:.0f}" y="{y + 27:.0f}" font-size="9" fill="#333">{html.escape(box.detail)}</text></g>'
    )
