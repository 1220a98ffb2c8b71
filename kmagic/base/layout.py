"""Layered layouts: boxes in levels below what they need, in an order with few crossings, and lines around boxes.

This is the one way in which pictures of graphs are laid out, those of models as those of programs. After K. Sugiyama,
S. Tagawa and M. Toda, IEEE Transactions on Systems, Man and Cybernetics 11 (1981): levels by the longest way, orders by
the mean places of neighbours, then places as near to neighbours as the boxes beside allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]
_SWEEPS = 6


@dataclass
class Layout:
    """The left upper corners of boxes, and for each line from a box to one that needs it the points that it takes."""

    corners: list[Point]
    lines: dict[tuple[int, int], list[Point]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


def layered(
    sizes: Sequence[Point], needs: Sequence[Sequence[int]], gaps: Point = (24.0, 34.0), widest: int | None = None
) -> Layout:
    """Boxes of these sizes, each below those of smaller numbers that it needs.

    Lines that pass a level get a place of their own there. With `widest` a level has at most so many boxes in a row,
    and lines go straight, which suits pictures of hundreds of boxes.

    >>> layered([(10.0, 4.0), (10.0, 4.0), (10.0, 4.0)], [(), (0,), (0, 1)], gaps=(2.0, 6.0)).corners
    [(3.5, 0.0), (0.0, 10.0), (3.5, 20.0)]
    """
    if not sizes:
        return Layout([])
    return _Layers(sizes, needs, gaps).rows(widest) if widest else _Layers(sizes, needs, gaps).lanes()


def levels(needs: Sequence[Sequence[int]]) -> list[int]:
    """For each box how many others, at most, lie in a row above it.

    >>> levels([(), (0,), (), (1, 2)])
    [0, 1, 0, 2]
    """
    found: list[int] = []
    for own in needs:
        found.append(1 + max((found[need] for need in own), default=-1))
    return found


class _Layers:
    """Boxes, and the narrow ones that stand for lines which pass a level, by level."""

    def __init__(self, sizes: Sequence[Point], needs: Sequence[Sequence[int]], gaps: Point) -> None:
        self.sizes, self.needs, self.gaps = list(sizes), needs, gaps
        self.level = levels(needs)
        self.above: list[list[int]] = [[] for _ in sizes]
        self.below: list[list[int]] = [[] for _ in sizes]
        self.ways: dict[tuple[int, int], list[int]] = {}

    # ---- with a lane for each line ----

    def lanes(self) -> Layout:
        """Every line finds its way between the boxes."""
        count = len(self.sizes)
        for number, own in enumerate(self.needs):
            for need in dict.fromkeys(own):
                self._connect(need, number)
        rows: list[list[int]] = [[] for _ in range(max(self.level) + 1)]
        for number, level in enumerate(self.level):
            rows[level].append(number)
        self._order(rows)
        middles = self._middles(rows)
        left = min(middles[number] - self.sizes[number][0] / 2 for number in range(len(self.sizes)))
        tops = self._tops(rows)
        corners = [(middles[n] - self.sizes[n][0] / 2 - left, tops[self.level[n]]) for n in range(len(self.sizes))]
        layout = Layout(corners[:count])
        layout.lines = {ends: self._line(ends, way, corners) for ends, way in self.ways.items()}
        layout.width = max(x + size[0] for (x, _), size in zip(corners, self.sizes, strict=True))
        layout.height = tops[-1]
        return layout

    def _connect(self, source: int, target: int) -> None:
        way = []
        for level in range(self.level[source] + 1, self.level[target]):
            way.append(len(self.sizes))
            self.sizes.append((0.0, 0.0))
            self.level.append(level)
            self.above.append([])
            self.below.append([])
        for upper, lower in pairwise([source, *way, target]):
            self.below[upper].append(lower)
            self.above[lower].append(upper)
        self.ways[source, target] = way

    def _order(self, rows: list[list[int]]) -> None:
        """Put each box of a row where its neighbours in the row before are, down and up in turn."""
        place = {number: float(spot) for row in rows for spot, number in enumerate(row)}
        best, fewest = [list(row) for row in rows], self._crossings(rows)
        for sweep in range(_SWEEPS):
            down = sweep % 2 == 0
            for row in rows if down else reversed(rows):
                for number in row:
                    beside = self.above[number] if down else self.below[number]
                    place[number] = _mean([place[other] for other in beside], place[number])
                row.sort(key=place.__getitem__)
                place.update({number: float(spot) for spot, number in enumerate(row)})
            crossings = self._crossings(rows)
            if crossings < fewest:
                best, fewest = [list(row) for row in rows], crossings
        rows[:] = best

    def _crossings(self, rows: list[list[int]]) -> int:
        """How often lines between neighbouring rows cross."""
        total = 0
        for upper, lower in pairwise(rows):
            spot = {number: place for place, number in enumerate(lower)}
            ends = [sorted(spot[other] for other in self.below[number]) for number in upper]
            flat = [end for own in ends for end in own]
            total += sum(later < end for at, end in enumerate(flat) for later in flat[at + 1 :])
        return total

    def _middles(self, rows: list[list[int]]) -> list[float]:
        """Where the middles of boxes lie: near their neighbours, and apart from the boxes beside them."""
        middles = [0.0] * len(self.sizes)
        for row in rows:
            self._settle(row, middles, [0.0] * len(row))
        for sweep in range(4 * _SWEEPS):
            down = sweep % 2 == 0
            for row in rows if down else reversed(rows):
                beside = [(self.above if down else self.below)[number] for number in row]
                if sweep >= _SWEEPS:
                    beside = [[*self.above[number], *self.below[number]] for number in row]
                wanted = [
                    _mean([middles[other] for other in others], middles[number])
                    for number, others in zip(row, beside, strict=True)
                ]
                self._settle(row, middles, wanted)
        return middles

    def _settle(self, row: list[int], middles: list[float], wanted: list[float]) -> None:
        """The places nearest to those that are wanted which keep order and distance: pooled where they would not."""
        starts: list[float] = [0.0]
        for left, right in pairwise(row):
            starts.append(starts[-1] + (self.sizes[left][0] + self.sizes[right][0]) / 2 + self.gaps[0])
        pools: list[tuple[float, int]] = []
        for want, start in zip(wanted, starts, strict=True):
            pool = (want - start, 1)
            while pools and pools[-1][0] > pool[0]:
                value, count = pools.pop()
                pool = ((value * count + pool[0] * pool[1]) / (count + pool[1]), count + pool[1])
            pools.append(pool)
        flat = [value for value, count in pools for _ in range(count)]
        for number, value, start in zip(row, flat, starts, strict=True):
            middles[number] = value + start

    def _tops(self, rows: list[list[int]]) -> list[float]:
        """The upper edge of each level, and the height of all."""
        tops = [0.0]
        for row in rows:
            tops.append(tops[-1] + max(self.sizes[number][1] for number in row) + self.gaps[1])
        tops[-1] -= self.gaps[1]
        return tops

    def _line(self, ends: tuple[int, int], way: list[int], corners: list[Point]) -> list[Point]:
        source, target = ends
        x, y = corners[source]
        first = (x + self.sizes[source][0] / 2, y + self.sizes[source][1])
        x, y = corners[target]
        points = [first]
        for number in way:
            across, top = corners[number]
            below = min(corners[other][1] for other in self.below[number])
            points += [(across, top), (across, below - self.gaps[1])]
        return [*points, (x + self.sizes[target][0] / 2, y)]

    # ---- in rows of a few ----

    def rows(self, widest: int) -> Layout:
        """Boxes of a level side by side, in as many rows as they need."""
        layout, y = Layout([(0.0, 0.0)] * len(self.sizes)), 0.0
        for level in range(max(self.level) + 1):
            row = [number for number, own in enumerate(self.level) if own == level]
            for start in range(0, len(row), widest):
                x, part = 0.0, row[start : start + widest]
                for number in part:
                    layout.corners[number] = (x, y)
                    x += self.sizes[number][0] + self.gaps[0]
                layout.width = max(layout.width, x - self.gaps[0])
                y += max(self.sizes[number][1] for number in part) + self.gaps[1]
        layout.height = y - self.gaps[1]
        for number, own in enumerate(self.needs):
            layout.lines |= {(need, number): self._line((need, number), [], layout.corners) for need in own}
        return layout


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
