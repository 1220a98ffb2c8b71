"""A model as a picture: a card for each layer, lines from those that give to those that take, as SVG.

All colours are the cards' own, so that a picture can be read on light and dark pages; a page that says that it is dark
gets dark cards.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from kmagic.base.errors import BadValue
from kmagic.base.layout import Layout, Point, layered
from kmagic.base.parts import camel
from kmagic.base.shapes import shapes_in, written
from kmagic.layers.input import InputLayer
from kmagic.layers.layer import known
from kmagic.models.network import Step
from kmagic.models.wiring import Member, Wiring

_DIRECTIONS = ("TB", "BT", "LR", "RL")
_LINE, _PAD, _LETTER, _SHORT = 17.0, 9.0, 6.7, 44
_MARGIN, _INSIDE, _TITLE = 12.0, 16.0, 24.0
_STYLE = """
.kmagic-model text{font-family:system-ui,'Helvetica Neue',Arial,sans-serif;font-size:12px;fill:#1b2733}
.kmagic-model .title{font-weight:600}
.kmagic-model .box{stroke:#5b6b7b;stroke-width:1}
.kmagic-model .layer{fill:#dbe9f6}.kmagic-model .input{fill:#e2f1dd}.kmagic-model .operation{fill:#f6ead2}
.kmagic-model .model{fill:#eceff2;stroke-dasharray:4 3}
.kmagic-model .line{fill:none;stroke:#7f8b97;stroke-width:1.4}.kmagic-model .tip{fill:#7f8b97}
"""
_DARK = """
{0} .kmagic-model text{{fill:#e8edf2}}
{0} .kmagic-model .box{{stroke:#8a99a8}}
{0} .kmagic-model .layer{{fill:#23405c}}{0} .kmagic-model .input{{fill:#2c4a2a}}
{0} .kmagic-model .operation{{fill:#574522}}{0} .kmagic-model .model{{fill:#2a3037}}
"""


@dataclass(frozen=True)
class Options:
    """What is shown of each layer, and where inputs are: at the top, the bottom, left or right."""

    show_shapes: bool = False
    show_dtype: bool = False
    show_layer_names: bool = False
    rankdir: str = "TB"
    expand_nested: bool = False
    show_layer_activations: bool = False
    show_trainable: bool = False

    def __post_init__(self) -> None:
        if self.rankdir not in _DIRECTIONS:
            raise BadValue(f"rankdir is {self.rankdir!r}", where="plot_model", expected=", ".join(_DIRECTIONS))


@dataclass
class Card:
    """A layer, an operation or a whole model inside: its lines of text, and the cards that it takes values of."""

    kind: str
    lines: list[str]
    needs: list[int] = field(default_factory=list)
    inside: Drawing | None = None

    @property
    def size(self) -> Point:
        """Width and height."""
        # titles are bold
        width = max(_width(line) * (1.14 if number == 0 else 1) for number, line in enumerate(self.lines)) + 2 * _PAD
        if self.inside is not None:
            across, down = self.inside.size
            return max(width, across + 2 * _INSIDE), down + _TITLE + _INSIDE
        return width, _LINE * len(self.lines) + 0.8 * _PAD


class Drawing:
    """Cards and where they lie; those of a model inside lie within its card."""

    def __init__(self, cards: Sequence[Card], rankdir: str) -> None:
        self.cards, self.rankdir = list(cards), rankdir
        sizes = [self._turned(card.size) for card in self.cards]
        # layers that nobody knows the order of stand beside each other
        loose = len(self.cards) > 1 and not any(card.needs for card in self.cards)
        self._layout: Layout = layered(sizes, [card.needs for card in self.cards], widest=4 if loose else None)

    @property
    def size(self) -> Point:
        """Width and height of all."""
        return self._turned((self._layout.width, self._layout.height))

    def _turned(self, point: Point) -> Point:
        """Across and down exchanged where the picture goes from left to right."""
        return (point[1], point[0]) if self.rankdir in ("LR", "RL") else point

    def _put(self, point: Point) -> Point:
        """A point of the layout as one of the picture, which may be turned and read backwards."""
        (x, y), (width, height) = self._turned(point), self.size
        return (width - x if self.rankdir == "RL" else x), (height - y if self.rankdir == "BT" else y)

    def svg(self, x: float, y: float) -> Iterator[str]:
        """Lines below, cards above them, moved by (x, y)."""
        for points in self._layout.lines.values():
            yield _line([(px + x, py + y) for px, py in map(self._put, points)], self.rankdir)
        for card, corner in zip(self.cards, self._layout.corners, strict=True):
            width, height = card.size
            left, top = self._put(corner)
            left -= width if self.rankdir == "RL" else 0
            top -= height if self.rankdir == "BT" else 0
            yield from _card(card, left + x, top + y)


class Picture:
    """A model as a picture: `str(picture)` is SVG text, `save(path)` writes it, notebooks show it."""

    def __init__(self, model: Any, options: Options) -> None:
        if not model.built:
            raise BadValue(
                "This model has not yet been built",
                where="plot_model",
                expected="a known input shape, or a first call on data",
                fix="model.build((None, 10))",
            )
        self.name = model.name
        self.drawing = Drawing(list(_cards(model, options)), options.rankdir)

    def __str__(self) -> str:
        width, height = (side + 2 * _MARGIN for side in self.drawing.size)
        body = "".join(self.drawing.svg(_MARGIN, _MARGIN))
        dark = "".join(_DARK.format(page) for page in ("[data-jp-theme-light=false]", "[theme=dark]", ".vscode-dark"))
        style = f"{_STYLE}@media (prefers-color-scheme:dark){{{_DARK.format('')}}}{dark}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="kmagic-model" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" role="img" style="max-width:100%;height:auto">'
            f"<title>{html.escape(self.name)}</title><style>{style}</style>{body}</svg>"
        )

    def save(self, path: Any) -> None:
        """Write the picture to a file."""
        place = Path(path)
        if place.suffix.lower() != ".svg":
            raise BadValue(
                f"to_file is {str(path)!r}",
                where="plot_model",
                expected="a name that ends with .svg",
                fix=f"to_file={str(place.with_suffix('.svg'))!r}",
            )
        place.write_text(str(self), "utf-8")

    def __repr__(self) -> str:
        return f"<Picture of {self.name}>"

    def _repr_svg_(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        # as part of the page it follows the page's theme
        return f'<div style="overflow-x:auto">{self}</div>'


# ---- what the cards say ----


def _cards(model: Any, options: Options) -> Iterator[Card]:
    """The cards of a model, each after those that it needs."""
    if model._network is not None:
        yield from _network_cards(Wiring(model._network), options)
        return
    is_row = hasattr(model, "_members")
    shape = model.input_shape
    for number, layer in enumerate(model.layers):
        yield _card_of(layer, options, shapes_in(shape) if is_row else [], [number - 1] if is_row and number else [])
        shape = layer.output_shape


def _network_cards(wiring: Wiring, options: Options) -> Iterator[Card]:
    groups = _one_a_layer(wiring) or _one_a_call(wiring)
    number = {step: place for place, group in enumerate(groups) for step in group.steps}
    for group in groups:
        needs = [number[source] for step in group.steps for source in wiring.givers(step)]
        taken = [known(node.shape) for step in group.steps for node in wiring.taken_by(step)]
        node = group.node
        if node is None:
            yield _card_of(group.layer, options, taken, needs, group.name)
        else:
            shape = [known(node.shape)]
            yield Card("operation", [camel(node.name), *_facts(options, taken, shape, node.dtype)], needs)


def _one_a_layer(wiring: Wiring) -> list[Member]:
    """The members, each behind those that it takes values of; none if there is no such order."""
    waiting, done = list(wiring.shown), dict[Step, None]()
    ordered: list[Member] = []
    while waiting:
        ready = [
            member for member in waiting if all(giver in done for step in member.steps for giver in wiring.givers(step))
        ]
        if not ready:
            return []
        ordered += ready
        done.update(dict.fromkeys(step for member in ready for step in member.steps))
        waiting = [member for member in waiting if member not in ready]
    return ordered


def _one_a_call(wiring: Wiring) -> list[Member]:
    """Every call by itself: of layers that take what they gave."""
    found = []
    for step in wiring.network.steps:
        member = wiring.member(step)
        if not member.is_folded:
            count = f", call {member.steps.index(step) + 1}" if len(member.steps) > 1 else ""
            found.append(Member(member.name + count, member.layer, [step]))
    return found


def _card_of(layer: Any, options: Options, taken: list[Any], needs: list[int], name: str = "") -> Card:
    kind, title = "input" if isinstance(layer, InputLayer) else "layer", type(layer).__name__
    called_again = name.removeprefix(layer.name)
    lines = [f"{layer.name} ({title}){called_again}" if options.show_layer_names else f"{title}{called_again}"]
    activation = getattr(layer, "activation", None)
    if options.show_layer_activations and activation is not None:
        lines.append(f"activation: {getattr(activation, '__name__', None) or getattr(activation, 'name', activation)}")
    lines += _facts(options, taken, shapes_in(layer.output_shape), layer.dtype)
    if options.show_trainable and layer.weights:
        lines.append(f"trainable: {'yes' if layer.trainable else 'no'}")
    inner = list(_cards(layer, options)) if options.expand_nested and hasattr(layer, "_network") else []
    drawing = Drawing(inner, options.rankdir) if inner else None
    return Card("model" if drawing else kind, lines[:1] if drawing else lines, needs, drawing)


def _facts(options: Options, taken: list[Any], given: list[Any], dtype: str) -> list[str]:
    """Shapes and dtype, as far as they are to be shown."""
    if not options.show_shapes:
        return [f"dtype: {dtype}"] if options.show_dtype else []

    def shown(shapes: list[Any], kind: str | None) -> str:
        return ", ".join(dict.fromkeys("?" if shape is None else written(shape, kind) for shape in shapes))

    inputs = [f"input: {shown(taken, None)}"] if taken else []
    return [*inputs, f"output: {shown(given, dtype if options.show_dtype else None)}"]


# ---- drawing ----


def _card(card: Card, x: float, y: float) -> Iterator[str]:
    width, height = card.size
    full = html.escape("\n".join(card.lines))
    yield f'<g><title>{full}</title><rect class="box {card.kind}" x="{x:.1f}" y="{y:.1f}" '
    yield f'width="{width:.1f}" height="{height:.1f}" rx="6"/>'
    for number, line in enumerate(card.lines):
        weight = ' class="title"' if number == 0 else ""
        at = f'x="{x + width / 2:.1f}" y="{y + _LINE * (number + 0.95):.1f}"'
        yield f'<text{weight} {at} text-anchor="middle">{html.escape(_short(line))}</text>'
    yield "</g>"
    if card.inside is not None:
        yield from card.inside.svg(x + (width - card.inside.size[0]) / 2, y + _TITLE)


def _line(points: list[Point], rankdir: str) -> str:
    """A smooth line through points, with a tip at its end."""
    flat = rankdir in ("LR", "RL")
    path = f"M{_at(points[0])}"
    for (x1, y1), (x2, y2) in pairwise(points):
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
        bends = ((middle[0], y1), (middle[0], y2)) if flat else ((x1, middle[1]), (x2, middle[1]))
        path += f"C{_at(bends[0])} {_at(bends[1])} {_at((x2, y2))}"
    (x, y), way = points[-1], {"TB": (0, 1), "BT": (0, -1), "LR": (1, 0), "RL": (-1, 0)}[rankdir]
    back, side = (x - 7 * way[0], y - 7 * way[1]), (3.5 * way[1], 3.5 * way[0])
    corners = ((x, y), (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1]))
    tip = " ".join(map(_at, corners))
    return f'<path class="line" d="{path}"/><polygon class="tip" points="{tip}"/>'


def _at(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT // 2 - 1]}…{text[-_SHORT // 2 :]}"


def _width(text: str) -> float:
    """About how wide a line of text is; letters of East Asia and pictograms are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in _short(text)) * _LETTER
