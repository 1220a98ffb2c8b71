"""The table of a model's layers, as text and as HTML."""

from __future__ import annotations

import html
import re
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kmagic.base.errors import BadValue
from kmagic.base.parts import camel
from kmagic.base.shapes import shapes_in, written
from kmagic.layers.layer import known
from kmagic.models.wiring import Wiring

_TITLES = ("Layer (type)", "Output Shape", "Param #")
_CONNECTED, _TRAINABLE = "Connected to", "Trainable"
# how wide the columns of Keras's tables are, as parts of the line, without and with what they are connected to
_PLACES = ((0.45, 0.80, 1.0), (0.3, 0.56, 0.74, 1.0))
_WIDTHS = (88, 108)
_GAP = 2


@dataclass(frozen=True)
class Row:
    """One layer, or an operation between layers; `level` says how deep within models it lies."""

    level: int
    name: str
    shape: str
    parameters: str
    connected: str
    trainable: str

    @property
    def title(self) -> str:
        """The name, indented by its level."""
        return "   " * self.level + "└ " * bool(self.level) + self.name


class Summary:
    """The table of a model: `text()` for terminals, `html()` for notebooks; `title` is the model's name by default."""

    def __init__(
        self,
        model: Any,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
        title: str | None = None,
    ) -> None:
        self.model, self.title = model, model.name if title is None else title
        self._wiring = Wiring(model._network) if model._network is not None else None
        self.shows_connections = self._wiring is not None and not self._wiring.is_chain
        self.shows_trainable = show_trainable
        self.rows = list(_rows(_range(list(self._members()), layer_range), expand_nested))

    def _members(self) -> Iterator[tuple[Any, Row]]:
        if self._wiring is None:
            yield from ((layer, _row(layer)) for layer in self.model.layers)
            return
        for member in self._wiring.shown:
            taken = ", ".join(map(str, self._wiring.taken(member))) or "-"
            node = member.node
            if node is None:
                yield member.layer, _row(member.layer, 0, taken)
            else:
                shape = written(known(node.shape), node.dtype)
                yield None, Row(0, f"{member.name} ({camel(node.name)})", shape, "0", taken, "-")

    @property
    def header(self) -> list[str]:
        """The titles of the columns."""
        return [*_TITLES, *([_CONNECTED] * self.shows_connections), *([_TRAINABLE] * self.shows_trainable)]

    def cells(self, row: Row) -> list[str]:
        """What stands in the columns of a row."""
        connected, trainable = [row.connected] * self.shows_connections, [row.trainable] * self.shows_trainable
        return [row.title, row.shape, row.parameters, *connected, *trainable]

    @property
    def totals(self) -> list[str]:
        """The numbers of parameters in all, those of the optimizer included, and what they take."""
        optimizer = self.model.optimizer
        parts = {
            "Trainable": self.model.trainable_weights,
            "Non-trainable": self.model.non_trainable_weights,
            **({"Optimizer": optimizer.variables} if optimizer is not None and optimizer.built else {}),
        }
        counted = {"Total": [variable for part in parts.values() for variable in part], **parts}
        lines = [f"{name} params: {_count(variables)}" for name, variables in counted.items()]
        return lines if self.model.built else [*lines, "The model is not built: its input shape is not known yet."]

    # ---- as text ----

    def text(self, line_length: int | None = None, positions: Sequence[float] | None = None) -> str:
        """The table for a terminal; `positions` are where columns end, as parts of the line or in characters."""
        table = [self.header, *map(self.cells, self.rows)]
        widths = self._widths(table, line_length, positions)
        rule = "─" * (sum(widths) + _GAP * (len(widths) - 1))
        lines = [f'Model: "{self.title}"', rule]
        for number, cells in enumerate(table):
            lines += [*_lines(cells, widths), *([rule] if number == 0 else [])]
        return "\n".join([*lines, rule, *(f" {total}" for total in self.totals)])

    def _widths(self, table: list[list[str]], length: int | None, positions: Sequence[float] | None) -> list[int]:
        """The widths of the columns: as the table needs them, if they fit and nobody asks for others."""
        needed = [max(map(len, column)) for column in zip(*table, strict=True)]
        longest = _WIDTHS[self.shows_connections] + 12 * self.shows_trainable
        line = length or min(longest, shutil.get_terminal_size().columns - 4)
        if length is None and positions is None and sum(needed) + _GAP * (len(needed) - 1) <= line:
            return needed
        places = list(positions or _PLACES[self.shows_connections])
        if self.shows_trainable:
            places = [place * 0.9 for place in places] + [1.0]
        if len(places) != len(needed):
            raise BadValue(f"{len(places)} positions", where="summary", expected=f"{len(needed)}: one for each column")
        ends = [0, *(int(place if place > 1 else place * line) for place in places)]
        widths = [after - before - _GAP for before, after in pairwise(ends)]
        words = [max(map(_longest_word, column)) for column in zip(*table, strict=True)]
        if positions is None and (length is None or any(map(int.__lt__, widths, words))):
            widths = _narrowed(needed, words, line - _GAP * (len(needed) - 1))
        if min(widths) < 4:
            raise BadValue(f"a line of {line} characters", where="summary", expected="room for each column")
        return widths

    # ---- as HTML ----

    def html(self) -> str:
        """The table for a notebook, in whatever colours it has."""
        head = "".join(f'<th style="text-align:{_side(title)}">{title}</th>' for title in self.header)
        body = "".join(f"<tr>{self._row(row)}</tr>" for row in self.rows)
        totals = "<br>".join(map(html.escape, self.totals))
        return (
            f'<table><caption style="text-align:left;color:inherit">Model: {html.escape(self.title)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{totals}</p>"
        )

    def _row(self, row: Row) -> str:
        indent = f"padding-left:{0.5 + 1.5 * row.level}em;" if row.level else ""
        first, *others = self.cells(row)
        cells = [f'<td style="{indent}text-align:left">{html.escape(first.strip())}</td>']
        for title, cell in zip(self.header[1:], others, strict=True):
            cells.append(f'<td style="text-align:{_side(title)}">{html.escape(cell)}</td>')
        return "".join(cells)


def _side(title: str) -> str:
    return "right" if title == _TITLES[2] else "center" if title == _TRAINABLE else "left"


def _lines(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """The lines of a row: what does not fit goes on below, and numbers end at the same place."""
    columns = [
        textwrap.wrap(cell, width, subsequent_indent=_indent(cell)) for cell, width in zip(cells, widths, strict=True)
    ]
    for number in range(max(map(len, columns))):
        parts = [column[number] if number < len(column) else "" for column in columns]
        sides = [str.rjust if title == _TITLES[2] else str.ljust for title in (*_TITLES, *parts)]
        shown = [put(part, width) for put, part, width in zip(sides, parts, widths, strict=False)]
        yield (" " * _GAP).join(shown).rstrip()


def _narrowed(widths: Sequence[int], words: Sequence[int], room: int) -> list[int]:
    """Widths that take no more than `room`: the widest column gives way first, and no word breaks as long as it can be.

    >>> _narrowed([20, 9, 4], [12, 9, 4], 25), _narrowed([20, 9, 4], [12, 9, 4], 21)
    ([12, 9, 4], [8, 9, 4])
    """
    found = list(widths)
    while sum(found) > room:
        loose = [place for place, width in enumerate(found) if width > words[place]] or range(len(found))
        found[max(loose, key=lambda place: found[place])] -= 1
    return found


def _longest_word(cell: str) -> int:
    return len(_indent(cell)) + max(map(len, cell.strip(" └").split()), default=0)


def _indent(cell: str) -> str:
    return " " * (len(cell) - len(cell.lstrip(" └")))


def _rows(members: list[tuple[Any, Row]], expands: bool) -> Iterator[Row]:
    for layer, row in members:
        yield row
        inner = getattr(layer, "layers", None) if expands else None
        yield from _rows([(each, _row(each, row.level + 1)) for each in inner or ()], expands)


def _row(layer: Any, level: int = 0, connected: str = "-") -> Row:
    shapes = [
        written(shape, layer.output_dtype) if shape is not None else "?" for shape in shapes_in(layer.output_shape)
    ]
    parameters = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
    trainable = ("Y" if layer.trainable else "N") if layer.weights else "-"
    name = f"{layer.name} ({type(layer).__name__})"
    return Row(level, name, ", ".join(shapes), parameters, connected, trainable)


def _range(members: list[tuple[Any, Row]], between: Sequence[str] | None) -> list[tuple[Any, Row]]:
    """The members from one whose name fits a pattern to one whose name fits another."""
    if between is None:
        return members
    if len(between) != 2 or not all(isinstance(pattern, str) for pattern in between):
        raise BadValue(f"layer_range is {between!r}", where="summary", expected="the names of a first and a last layer")
    names = [row.name.rpartition(" (")[0] for _, row in members]
    found = [[number for number, name in enumerate(names) if re.match(pattern, name)] for pattern in between]
    if not all(found):
        raise BadValue(
            f"layer_range is {between!r}: the names do not match", where="summary", expected=f"among {', '.join(names)}"
        )
    first, last = found
    ends = (first[0], last[-1]) if first[0] <= last[-1] else (last[0], first[-1])
    return members[ends[0] : ends[1] + 1]


def _count(variables: Sequence[Any]) -> str:
    """How many numbers, and the memory that they take."""
    return f"{sum(v.size for v in variables):,} ({_size(sum(v.array.nbytes for v in variables))})"


def _size(amount: float) -> str:
    """Bytes in the largest unit that leaves at least 1.

    >>> _size(2048)
    '2.00 KB'
    """
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if amount < 1024 or unit == "TB":
            break
        amount /= 1024
    return f"{amount:.2f} {unit}"
