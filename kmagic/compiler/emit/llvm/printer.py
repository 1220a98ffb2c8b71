"""Print a plan as native code: a function for each kernel, and one that calls them in order.

Promise: before, a plan whose kernels keep inner values in registers; after, modules of kernels, each with a name made
from its text, and a driver with `step(context)`, which returns 0 or the number of the check that failed; then nothing
was written. The context holds the sizes of this batch, the address of every value that a kernel takes, and before
those the functions that NumPy runs and the contexts of bodies.
Method: 1. each kernel as a nest, a product, a copy and so on; equal texts are one function; 2. what has no native form
becomes a call of NumPy's text for it; 3. branches and loops as functions of their own; 4. checks before the first
kernel that writes; 5. stores as copies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kmagic.base import shapes
from kmagic.base.dtypes import BYTES, is_float
from kmagic.base.shapes import Axis, Extent
from kmagic.compiler.body import graph_of_body
from kmagic.compiler.emit.llvm import contraction, control, index, movement, native, random, window
from kmagic.compiler.emit.llvm.access import is_whole, offset_of
from kmagic.compiler.emit.llvm.kernel import NAME, Function, as_number
from kmagic.compiler.emit.llvm.nest import Nest
from kmagic.compiler.emit.llvm.product import Product
from kmagic.compiler.emit.llvm.scalars import OPERATIONS
from kmagic.compiler.emit.llvm.text import INDEX, Module, Value, Writer
from kmagic.compiler.emit.llvm.tile import tile
from kmagic.compiler.emit.llvm.vector_math import FUNCTIONS
from kmagic.compiler.emit.numpy.printer import PRINTERS, kept, stores
from kmagic.compiler.emit.numpy.text import Text
from kmagic.compiler.fuse import Kernel, fuse, owner
from kmagic.compiler.legality import check
from kmagic.compiler.order import order
from kmagic.compiler.place import Plan, place
from kmagic.graph.node import Body, Node, Targets

Slot = Node | Targets
ACCUMULATORS = {64: 20, 32: 10, 16: 8}  # vectors of sums that fit into registers beside what is multiplied


@dataclass
class Inner:
    """A body inside a program: what was printed of it, and for its parameters the values that lie where theirs do."""

    printed: Native
    shared: dict[Node, Node]


@dataclass
class Native:
    """A printed plan.

    `slots` are what the context has addresses of, behind the sizes by name; `links` are what NumPy runs and what
    bodies need, before them, backwards; `statuses` say what each status number means; `kernels` are texts by name.
    """

    plan: Plan
    sizes: tuple[str, ...] = ()
    slots: list[Slot] = field(default_factory=list)
    links: list[Text | Inner] = field(default_factory=list)
    statuses: list[Node] = field(default_factory=list)
    kernels: dict[str, str] = field(default_factory=dict)
    driver: str = ""
    loaded: Any = None

    @property
    def listing(self) -> str:
        """All of it, for people."""
        hosts = [link.listing for link in self.links if isinstance(link, Text)]
        return "\n".join([self.driver, *self.kernels.values(), *hosts])

    @property
    def has_hosts(self) -> bool:
        """Whether NumPy runs a part of it, also of a body."""
        return any(isinstance(link, Text) or link.printed.has_hosts for link in self.links)

    @property
    def modules(self) -> list[str]:
        """The texts to compile."""
        return [*self.kernels.values(), self.driver]


def is_native(kernel: Kernel) -> bool:
    """Whether a kernel has a native form."""
    first = kernel.nodes[0]
    match kernel.kind:
        case "pointwise" | "reduce":
            return all(_has_instructions(node) for node in kernel.nodes)
        case "product":
            return first.dtype != "bool" if first.name == "product" else is_float(first.dtype)
        case "index":
            return first.name in index.WRITERS
        case "window":
            return first.name in window.WRITERS
        case "control":
            return control.is_native(first)
        case "random":
            return first.name == "random_bits"
    return kernel.kind == "movement"


def _has_instructions(node: Node) -> bool:
    if node.op.kind == "reduce" or node.name == "convert":
        return True
    if node.name == "power":
        return is_float(node.dtype)
    return node.name in OPERATIONS or node.name in FUNCTIONS


def emit(plan: Plan) -> Native:
    """The plan as native code."""
    module = Module()
    printed = Printer(plan, module, "step").printed()
    printed.driver = module.text
    return printed


class Printer:
    """One plan as a function of the driver: that of the program, or of a body."""

    def __init__(self, plan: Plan, module: Module, name: str, around: Native | None = None) -> None:
        self.plan, self.module = plan, module
        graph = plan.schedule.graph
        names = {name for node in graph.nodes for axis in node.shape if isinstance(axis, Extent) for name in axis.names}
        self.native = Native(plan, around.sizes if around else tuple(sorted(names | {"batch"})))
        if around:
            self.native.kernels = around.kernels
        self.at = Writer(module, name, [("context", "pointer")], INDEX)
        self.context = self.at.parameters[0]
        self._bodies = 0
        self.lanes = native.vector_bytes() // 4

    def printed(self) -> Native:
        """The whole function."""
        schedule = self.plan.schedule
        for kernel in schedule.before:
            self._kernel(kernel)
        for holds in schedule.graph.checks:
            flag = self.at.load("uint8", 0, self.pointer(holds))
            self.stop_if(flag.equals(0), holds)
        self._keep([node for node in schedule.graph.outputs.values() if owner(node).name == "read"])
        for kernel in schedule.after:
            self._kernel(kernel)
        self._stores()
        self.at.finish(self.at.index(0))
        return self.native

    # ---- what the context holds ----

    def word(self, context: Value, number: int) -> Value:
        """Where a word of a context lies."""
        return self.at.address(context, self.at.index(number), INDEX)

    def number_of(self, slot: Slot) -> int:
        """The word that holds the address of a value."""
        if slot not in self.native.slots:
            self.native.slots.append(slot)
        return len(self.native.sizes) + self.native.slots.index(slot)

    def pointer(self, node: Node) -> Value:
        """The address of the first element of a value."""
        base = self.at.load_pointer(self.word(self.context, self.number_of(owner(node))))
        return self.at.address(base, self.extent(offset_of(node)), node.dtype)

    def extent(self, axis: Axis) -> Value:
        """A size as a number."""
        sizes = self.native.sizes
        return as_number(self.at, axis, lambda name: self.at.load(INDEX, 0, self.word(self.context, sizes.index(name))))

    def inside(self, body: Body, wanted: Sequence[int]) -> Printer:
        """A printer for a body."""
        plan = place(order(fuse(tile(graph_of_body(body, wanted)))), is_native)
        check("place", plan)
        self._bodies += 1
        return Printer(plan, self.module, f"{self.at.name}_{self._bodies}", self.native)

    def link_body(self, printed: Native, shared: dict[Node, Node]) -> Value:
        """The address of a body's context."""
        return self.link(Inner(printed, shared))

    def link(self, what: Text | Inner) -> Value:
        """The address of something that comes before the sizes."""
        self.native.links.append(what)
        return self.at.load_pointer(self.word(self.context, -len(self.native.links)))

    # ---- calls ----

    def stop_if(self, condition: Value, node: Node) -> None:
        """Return the status that stands for a node where a condition holds."""
        at = self.at
        self.native.statuses.append(node)
        out, on = at.new_label(), at.new_label()
        at.branch(condition, out, on)
        at.begin(out)
        at.line(f"ret i64 {len(self.native.statuses)}")
        at.begin(on)

    def call(self, function: Function, result: Value | None = None, places: dict[Node, Value] | None = None) -> Value:
        """Call a kernel; `places` are addresses that the context does not have."""
        text = function.finish(result)
        name = f"k{native.digest(text)}"
        self.native.kernels.setdefault(name, text.replace(f"@{NAME}(", f"@{name}("))
        given = places or {}
        pointers = [given.get(value) or self.pointer(value) for value in function.values]
        sizes = [self.at.load(INDEX, 0, self.word(self.context, n)) for n in range(len(self.native.sizes))]
        kinds = ", ".join(["ptr"] * len(pointers) + ["i64"] * len(sizes))
        self.module.declarations.add(f"declare i64 @{name}({kinds})")
        arguments = ", ".join(value.typed for value in (*pointers, *sizes))
        return self._called(f"call i64 @{name}({arguments})")

    def _called(self, text: str) -> Value:
        value = self.at.instruction(INDEX, 0, text, once=False)
        self.at.forget()
        return value

    def run_body(self, name: str, context: Value, node: Node) -> None:
        """Run a body, and stop where it does."""
        self.stop_if(self._called(f"call i64 @{name}({context.typed})").differs(0), node)

    def host(self, text: Text, node: Node) -> None:
        """Let NumPy run something, which may stop the step."""
        function = self.link(text)
        self.stop_if(self._called(f"call i64 {function.text}()").differs(0), node)

    def copy(self, source: Node, target: Node, place: Value | None = None) -> None:
        """The elements of a value, in order, to where another lies, or to a place."""
        function = Function(self.native.sizes)
        movement.copy(function, source, target, movement.whole(source), self.lanes)
        self.call(function, None, {target: place} if place else None)

    # ---- kernels ----

    def _kernel(self, kernel: Kernel) -> None:
        first = kernel.nodes[0]
        if not is_native(kernel):
            text = Text()
            for node in kernel.nodes:
                PRINTERS[node.op.kind](text, self.plan, node)
            self.host(text, first)
        elif kernel.kind == "control":
            control.write(self, first)
        else:
            if kernel.kind == "index":
                self._look(first)
            function = Function(self.native.sizes)
            self._writer(kernel)(function)
            self.call(function)

    def _writer(self, kernel: Kernel) -> Callable[[Function], None]:
        """What writes a kernel."""
        first, lanes, accumulators = kernel.nodes[0], self.lanes, ACCUMULATORS[native.vector_bytes()]
        match kernel.kind:
            case "product" if first.name in contraction.WRITERS:
                return lambda f: contraction.WRITERS[first.name](f, first, lanes, accumulators)
            case "product":
                return lambda f: Product(f, first, lanes, accumulators).write()
            case "movement":
                return lambda f: movement.write(f, self.plan, first, lanes)
            case "index":
                return lambda f: index.WRITERS[first.name](f, first, lanes)
            case "random":
                return lambda f: random.write(f, first, lanes)
            case "window":
                return lambda f: window.WRITERS[first.name](f, first, lanes)
        stored = [node for node in kernel.nodes if self.plan.places[node].kind != "register"]
        return lambda f: Nest(f, kernel.nodes, stored, lanes).write()

    def _look(self, node: Node) -> None:
        """Stop the step where an index points outside of its axis."""
        taken = index.bounded(node)
        if taken is None:
            return
        indices, size = taken
        function = Function(self.native.sizes)
        wrong = index.outside(function, indices, size, self.lanes)
        self.stop_if(self.call(function, wrong).differs(0), indices if indices.inputs else node)

    # ---- writes ----

    def _keep(self, outputs: Sequence[Node]) -> None:
        """Copies of outputs that are variables, which the writes that follow would change."""
        if outputs:
            text = Text()
            for node in outputs:
                kept(text, node)
            self.host(text, outputs[0])

    def _stores(self) -> None:
        """Updates that were not computed in place; where one is another variable's old value NumPy keeps that first."""
        waiting = self.plan.schedule.stores
        if any(owner(node).name == "read" or not is_whole(node) for _, node in waiting):
            text = Text()
            stores(text, self.plan)
            self.host(text, waiting[0][1])
            return
        for targets, node in waiting:
            place = self.at.load_pointer(self.word(self.context, self.number_of(targets)))
            self.move_bytes(place, self.pointer(node), self.at.index(sum(v.size for v in targets) * BYTES[node.dtype]))

    def move_bytes(self, target: Value, source: Value, count: Value) -> None:
        """Copy memory."""
        self.module.declarations.add("declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        self.at.line(f"call void @llvm.memcpy.p0.p0.i64({target.typed}, {source.typed}, {count.typed}, i1 false)")
        self.at.forget()

    def bytes_of(self, node: Node) -> Value:
        """How much memory a value takes."""
        return self.extent(shapes.size(node.shape) * BYTES[node.dtype])
