"""Random bits: Philox4x32-10 in vectors, a group of four numbers in each lane.

The counter of a group is (group within its row, row, call, stream), the key the generator's seed; see
`kmagic.graph.ops.random`, whose numbers these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kmagic.base import shapes
from kmagic.base.shapes import Axis
from kmagic.compiler.emit.llvm.kernel import Function
from kmagic.compiler.emit.llvm.text import Value
from kmagic.graph.node import Node
from kmagic.graph.ops.random import MULTIPLIERS, ROUNDS, WEYL

_GROUP = 4
_WORD = "uint32"


def write(function: Function, node: Node, lanes: int) -> None:
    """The random bits of one node."""
    at = function.at
    state = function.pointer(node.inputs[0])
    seed, call = (at.load(_WORD, 0, at.address(state, at.index(place), _WORD)) for place in range(2))
    stream = at.constant(_WORD, int(node.attributes["stream"]))
    rows: Axis = node.shape[0] if node.shape else 1
    width = shapes.size(node.shape[1:])
    stored = _Stored(function, node, seed, (call, stream))
    if isinstance(width, int) and width % _GROUP == 0:
        stored.whole(function.extent(rows * (width // _GROUP)), width // _GROUP, lanes)
    else:
        stored.ragged(function.extent(rows), function.extent(width))


class _Stored:
    """Groups of numbers, and where they go."""

    def __init__(self, function: Function, node: Node, seed: Value, rest: tuple[Value, Value]) -> None:
        self.function, self.at = function, function.at
        self.base = function.pointer(node)
        self.seed, self.rest = seed, rest

    def whole(self, total: Value, groups: int, lanes: int) -> None:
        """Rows of whole groups, one after the other in memory."""
        at = self.at
        middle = total / lanes * lanes

        def several(first: Value, carried: list[Value]) -> list[Value]:
            number = at.spread(at.cast("trunc", first, _WORD), lanes) + at.lanes(_WORD, range(lanes))
            row = number / groups
            words = self._words(number - row * groups, row)
            place = at.address(self.base, first * _GROUP, _WORD)
            at.store(_interleaved(words), place)
            return []

        def one(number: Value, carried: list[Value]) -> list[Value]:
            short = at.cast("trunc", number, _WORD)
            row = short / groups
            self._store(self._words(short - row * groups, row), number * _GROUP, _GROUP)
            return []

        at.loop(0, middle, lanes, several)
        at.loop(middle, total, 1, one)

    def ragged(self, rows: Value, width: Value) -> None:
        """Rows whose last group is not whole."""
        at = self.at
        full = width / _GROUP

        def row(number: Value, carried: list[Value]) -> list[Value]:
            short = at.cast("trunc", number, _WORD)

            def group(place: Value, carried: list[Value]) -> list[Value]:
                words = self._words(at.cast("trunc", place, _WORD), short)
                self._store(words, number * width + place * _GROUP, _GROUP)
                return []

            at.loop(0, full, 1, group)
            last = self._words(at.cast("trunc", full, _WORD), short)
            for place, word in enumerate(last[:-1]):
                spot = full * _GROUP + place
                at.when(spot < width, partial(self._store, [word], number * width + spot, 1))
            return []

        at.loop(0, rows, 1, row)

    def _store(self, words: Sequence[Value], place: Value, count: int) -> None:
        for number, word in enumerate(words[:count]):
            self.at.store(word, self.at.address(self.base, place + number, _WORD))

    def _words(self, group: Value, row: Value) -> list[Value]:
        """Ten rounds."""
        at, width = self.at, group.width
        c0, c1, c2, c3 = (at.spread(word, width) if width else word for word in (group, row, *self.rest))
        keys = [self.seed, at.constant(_WORD, 0)]
        for _ in range(ROUNDS):
            (high0, low0), (high1, low1) = self._product(c0, MULTIPLIERS[0]), self._product(c2, MULTIPLIERS[1])
            c0, c1, c2, c3 = self._mixed(high1, c1, keys[0]), low1, self._mixed(high0, c3, keys[1]), low0
            keys = [key + step for key, step in zip(keys, WEYL, strict=True)]
        return [c0, c1, c2, c3]

    def _mixed(self, a: Value, b: Value, key: Value) -> Value:
        return self.at.bits("xor", self.at.bits("xor", a, b), key)

    def _product(self, a: Value, factor: int) -> tuple[Value, Value]:
        """The upper and lower half of a product of 64 bits."""
        at = self.at
        wide = at.cast("zext", a, "uint64") * factor
        return at.cast("trunc", at.bits("lshr", wide, at.constant("uint64", 32)), _WORD), at.cast("trunc", wide, _WORD)


def _interleaved(words: Sequence[Value]) -> Value:
    """Four vectors as one, a lane of each in turn."""
    at, lanes = words[0].writer, words[0].width
    pairs = [at.zipped(words[0], words[1]), at.zipped(words[2], words[3])]
    wide = [at.instruction("uint64", lanes, f"bitcast {pair.typed} to <{lanes} x i64>") for pair in pairs]
    return at.zipped(*wide)
