"""The text of a program as it is printed, line by line, and what it wants bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kmagic.base import shapes
from kmagic.base.dtypes import BYTES
from kmagic.base.shapes import Axis
from kmagic.graph.interpret import bound
from kmagic.graph.node import Node

if TYPE_CHECKING:
    from kmagic.compiler.emit.numpy.binding import Binding

Extra = Callable[["Binding"], Any]


@dataclass
class Text:
    """What was printed: the text, and what it wants bound besides the values of nodes.

    `values` are the nodes that the text names, `extras` functions that make further views and closures when a step is
    bound, `blocks` the kernels that run in blocks with the nodes they name, `statuses` what each status number means,
    `inner` the texts of bodies under the names of the extras that run them, `arguments` what the step is given anew
    each time instead of once. Of a body's text `buffers` are the sizes of its plan's buffers, `own` parameters
    that have memory besides.
    """

    lines: list[str] = field(default_factory=list)
    values: list[Node] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    blocks: list[tuple[Node, ...]] = field(default_factory=list)
    statuses: list[Node] = field(default_factory=list)
    names: dict[Node, str] = field(default_factory=dict)
    inner: list[tuple[str, Text]] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    buffers: tuple[Axis, ...] = ()
    own: tuple[Node, ...] = ()

    def name(self, node: Node) -> str:
        """The variable that holds a node's value."""
        if node not in self.names:
            self.names[node] = f"v{len(self.values)}"
            self.values.append(node)
        return self.names[node]

    def extra(self, make: Extra) -> str:
        """A variable for something that is made when a step is bound."""
        self.extras.append(make)
        return f"e{len(self.extras) - 1}"

    def status(self, node: Node) -> int:
        """The number that says that `node` stopped the step."""
        self.statuses.append(node)
        return len(self.statuses)

    def pieces(self, sizes: Mapping[str, int]) -> list[int]:
        """The bytes that a body needs of its own: for each buffer, and for each parameter with memory."""
        parameters = [shapes.size(node.shape) * BYTES[node.dtype] for node in self.own]
        return [lines_of(bound(size, sizes)) for size in (*self.buffers, *parameters)]

    def inner_room(self, sizes: Mapping[str, int]) -> int:
        """The bytes that the bodies need, which never run at once, so that all lie in the same place."""
        return max((sum(text.pieces(sizes)) + text.inner_room(sizes) for _, text in self.inner), default=0)

    @property
    def listing(self) -> str:
        """This text and those of its bodies."""
        parts = [self.source, *(f"# {name}:\n{text.listing}" for name, text in self.inner)]
        return "\n".join(parts)

    def add(self, line: str) -> None:
        """One more line of the step."""
        self.lines.append(line)

    @property
    def source(self) -> str:
        """The whole text."""
        values = "".join(f"v{i}, " for i in range(len(self.values)))
        extras = "".join(f"e{i}, " for i in range(len(self.extras)))
        unpack = [f"    ({values}) = values"] if values else []
        unpack += [f"    ({extras}) = extras"] if extras else []
        body = [f"        {line}" for line in [*self.lines, "return 0"]]
        return "\n".join(
            [
                "def bind(values, extras, blocks):",
                *unpack,
                f"    def step({', '.join(self.arguments)}):",
                *body,
                "    return step",
                "",
            ]
        )


def lines_of(size: int, line: int = 64) -> int:
    """A number of bytes rounded up to whole cache lines, so that every dtype can look at all of them."""
    return max(1, -(-size // line)) * line
