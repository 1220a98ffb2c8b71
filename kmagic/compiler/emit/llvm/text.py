"""Write a function in LLVM's assembly: typed values, memory, loops.

A `Value` is a scalar or a vector of one dtype; operators on values append instructions to the function that is being
written. Equal instructions of one block are written once. Truth values are one bit in registers and one byte in memory.

Fast-math flags are limited to `contract`, which lets a product and a sum become one instruction: NaN and infinity keep
their meaning, and sums keep their order.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kmagic.base.dtypes import BYTES, UNSIGNED, is_float

Number = int | float | bool
TYPES = {
    "float16": "half",
    "bfloat16": "bfloat",
    "float32": "float",
    "float64": "double",
    "bool": "i1",
    "pointer": "ptr",
} | {f"{sign}int{bits}": f"i{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
INDEX = "int64"
_COMPARISONS = {"eq": "oeq", "ne": "une", "lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge"}
_FLOAT_NAMES = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv", "rem": "frem"}


def type_of(dtype: str, width: int = 0) -> str:
    """The type of a scalar, or of a vector of `width` of them."""
    return f"<{width} x {TYPES[dtype]}>" if width else TYPES[dtype]


def literal(dtype: str, value: Number) -> str:
    """A number as LLVM writes it: floats by their bits, so that nothing is rounded twice."""
    if dtype == "float64":
        return f"0x{struct.unpack('Q', struct.pack('d', value))[0]:016X}"
    if dtype == "float32":
        rounded = struct.unpack("f", struct.pack("f", value))[0]
        return f"0x{struct.unpack('Q', struct.pack('d', rounded))[0]:016X}"
    if dtype == "float16":
        return f"0xH{struct.unpack('H', struct.pack('e', value))[0]:04X}"
    if dtype == "bool":
        return "true" if value else "false"
    return str(int(value))


@dataclass(frozen=True, eq=False)
class Value:
    """What a register holds; `number` is set where it is known while the function is written."""

    text: str
    dtype: str
    width: int
    writer: Writer
    number: Number | None = None

    @property
    def typed(self) -> str:
        """The value with its type, as an operand."""
        return f"{type_of(self.dtype, self.width)} {self.text}"

    @property
    def is_float(self) -> bool:
        """Whether it is a float."""
        return is_float(self.dtype)

    def _with(self, other: Value | Number) -> Value:
        return other if isinstance(other, Value) else self.writer.constant(self.dtype, other)

    def __add__(self, other: Value | Number) -> Value:
        return self.writer.arithmetic("add", self, self._with(other))

    def __radd__(self, other: Number) -> Value:
        return self._with(other) + self

    def __sub__(self, other: Value | Number) -> Value:
        return self.writer.arithmetic("sub", self, self._with(other))

    def __rsub__(self, other: Number) -> Value:
        return self._with(other) - self

    def __mul__(self, other: Value | Number) -> Value:
        return self.writer.arithmetic("mul", self, self._with(other))

    def __rmul__(self, other: Number) -> Value:
        return self._with(other) * self

    def __truediv__(self, other: Value | Number) -> Value:
        return self.writer.arithmetic("div", self, self._with(other))

    def __rtruediv__(self, other: Number) -> Value:
        return self._with(other) / self

    def __neg__(self) -> Value:
        return self.writer.negative(self)

    def __lt__(self, other: Value | Number) -> Value:
        return self.writer.compare("lt", self, self._with(other))

    def __gt__(self, other: Value | Number) -> Value:
        return self.writer.compare("gt", self, self._with(other))

    def __le__(self, other: Value | Number) -> Value:
        return self.writer.compare("le", self, self._with(other))

    def __ge__(self, other: Value | Number) -> Value:
        return self.writer.compare("ge", self, self._with(other))

    def equals(self, other: Value | Number) -> Value:
        """Where both are equal."""
        return self.writer.compare("eq", self, self._with(other))

    def differs(self, other: Value | Number) -> Value:
        """Where they are not equal; NaN differs from everything."""
        return self.writer.compare("ne", self, self._with(other))


@dataclass
class Module:
    """Functions that are compiled together, and what they call that is not among them."""

    declarations: set[str] = field(default_factory=set)
    functions: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The module as LLVM reads it."""
        attributes = 'attributes #0 = { nounwind "no-trapping-math"="true" "denormal-fp-math"="ieee,ieee" }'
        return "\n".join([*sorted(self.declarations), *self.functions, attributes, ""])


class Writer:
    """A function that is being written, from its first line to its last."""

    def __init__(self, module: Module, name: str, parameters: Sequence[tuple[str, str]], result: str = "") -> None:
        self.module, self.name = module, name
        self.result = result
        self.lines = ["entry:"]
        self.block = "entry"
        self._registers = self._labels = 0
        self._known: dict[str, Value] = {}
        self.parameters = [Value(f"%{title}", dtype, 0, self) for title, dtype in parameters]

    # ---- lines ----

    def line(self, text: str) -> None:
        """One line without a result."""
        self.lines.append(f"  {text}")

    def _register(self) -> str:
        self._registers += 1
        return f"%v{self._registers}"

    def new_label(self) -> str:
        """A name for a block that no other has."""
        self._labels += 1
        return f"b{self._labels}"

    def instruction(self, dtype: str, width: int, text: str, once: bool = True) -> Value:
        """The result of an instruction; an equal one of this block is used again, unless it is not to be (`once`)."""
        if once and text in self._known:
            return self._known[text]
        value = Value(self._register(), dtype, width, self)
        self.lines.append(f"  {value.text} = {text}")
        if once:
            self._known[text] = value
        return value

    def begin(self, label: str) -> None:
        """Start a block."""
        self.lines.append(f"{label}:")
        self.block, self._known = label, {}

    def jump(self, label: str) -> None:
        """Go on at a block."""
        self.line(f"br label %{label}")

    def branch(self, condition: Value, yes: str, no: str) -> None:
        """Go on at one of two blocks."""
        self.line(f"br i1 {condition.text}, label %{yes}, label %{no}")

    def forget(self) -> None:
        """Memory has changed: what was loaded from it is loaded again."""
        self._known = {text: value for text, value in self._known.items() if not text.startswith("load")}

    def finish(self, result: Value | None = None) -> None:
        """End the function and put it into its module."""
        self.line(f"ret {result.typed}" if result else "ret void")
        self.close()

    def close(self) -> None:
        """Put a function whose last block is ended already into its module."""
        parameters = ", ".join(value.typed for value in self.parameters)
        kind = TYPES[self.result] if self.result else "void"
        body = "\n".join(self.lines)
        self.module.functions.append(f"define {kind} @{self.name}({parameters}) #0 {{\n{body}\n}}")

    # ---- values ----

    def constant(self, dtype: str, value: Number, width: int = 0) -> Value:
        """A number, in every lane of a vector."""
        text = literal(dtype, value)
        return Value(f"splat ({TYPES[dtype]} {text})" if width else text, dtype, width, self, value)

    def index(self, value: int | Value) -> Value:
        """A whole number for addresses and counts."""
        return value if isinstance(value, Value) else self.constant(INDEX, value)

    def lanes(self, dtype: str, numbers: Sequence[Number]) -> Value:
        """A vector of these numbers."""
        text = ", ".join(f"{TYPES[dtype]} {literal(dtype, number)}" for number in numbers)
        return Value(f"<{text}>", dtype, len(numbers), self)

    def spread(self, value: Value, width: int) -> Value:
        """A scalar in every lane."""
        if value.width == width:
            return value
        if value.number is not None:
            return self.constant(value.dtype, value.number, width)
        kind = type_of(value.dtype, width)
        first = self.instruction(value.dtype, width, f"insertelement {kind} poison, {value.typed}, i32 0")
        if width == 1:
            return first
        return self.instruction(
            value.dtype, width, f"shufflevector {kind} {first.text}, {kind} poison, <{width} x i32> zeroinitializer"
        )

    def lane(self, value: Value, number: int) -> Value:
        """One lane of a vector."""
        if not value.width:
            return value
        if value.number is not None:
            return self.constant(value.dtype, value.number)
        return self.instruction(value.dtype, 0, f"extractelement {value.typed}, i32 {number}")

    def part(self, value: Value, first: int, count: int) -> Value:
        """Some lanes of a vector."""
        if value.number is not None:
            return self.constant(value.dtype, value.number, count)
        places = ", ".join(f"i32 {place}" for place in range(first, first + count))
        kind = type_of(value.dtype, value.width)
        return self.instruction(
            value.dtype, count, f"shufflevector {kind} {value.text}, {kind} poison, <{count} x i32> <{places}>"
        )

    def zipped(self, a: Value, b: Value) -> Value:
        """The lanes of two vectors in turn."""
        kind = type_of(a.dtype, a.width)
        places = ", ".join(f"i32 {place}, i32 {place + a.width}" for place in range(a.width))
        text = f"shufflevector {kind} {a.text}, {kind} {b.text}, <{2 * a.width} x i32> <{places}>"
        return self.instruction(a.dtype, 2 * a.width, text)

    def gathered(self, lanes: Sequence[Value]) -> Value:
        """A vector of scalars."""
        first, width = lanes[0], len(lanes)
        result, kind = "poison", type_of(first.dtype, width)
        for number, lane in enumerate(lanes):
            text = f"insertelement {kind} {result}, {lane.typed}, i32 {number}"
            result = self.instruction(first.dtype, width, text).text
        return Value(result, first.dtype, width, self)

    def _alike(self, *values: Value) -> list[Value]:
        width = max(value.width for value in values)
        return [self.spread(value, width) for value in values] if width else list(values)

    # ---- arithmetic ----

    def arithmetic(self, name: str, a: Value, b: Value, flags: str = "contract ") -> Value:
        """add, sub, mul, div or rem of two values of one dtype."""
        folded = _folded(name, a, b)
        if folded is not None:
            return folded if isinstance(folded, Value) else self.constant(a.dtype, folded)
        a, b = self._alike(a, b)
        if a.is_float:
            return self.instruction(a.dtype, a.width, f"{_FLOAT_NAMES[name]} {flags}{a.typed}, {b.text}")
        sign = "" if name in ("add", "sub", "mul") else "u" if a.dtype in UNSIGNED or a.dtype == "bool" else "s"
        return self.instruction(a.dtype, a.width, f"{sign}{name} {a.typed}, {b.text}")

    def negative(self, a: Value) -> Value:
        """−a, also of zero."""
        if a.is_float:
            return self.instruction(a.dtype, a.width, f"fneg {a.typed}")
        return self.constant(a.dtype, 0) - a

    def bits(self, name: str, a: Value, b: Value) -> Value:
        """and, or, xor, shl, lshr or ashr of whole numbers or truth values."""
        a, b = self._alike(a, b)
        return self.instruction(a.dtype, a.width, f"{name} {a.typed}, {b.text}")

    def invert(self, a: Value) -> Value:
        """Not a."""
        return self.bits("xor", a, self.constant("bool", True))

    def compare(self, name: str, a: Value, b: Value) -> Value:
        """Where a and b compare so; NaN only differs."""
        a, b = self._alike(a, b)
        if a.is_float:
            text = f"fcmp {_COMPARISONS[name]} {a.typed}, {b.text}"
        else:
            sign = "" if name in ("eq", "ne") else "u" if a.dtype in UNSIGNED or a.dtype == "bool" else "s"
            text = f"icmp {sign}{name} {a.typed}, {b.text}"
        return self.instruction("bool", a.width, text)

    def is_nan(self, a: Value) -> Value:
        """Where a is no number."""
        return self.instruction("bool", a.width, f"fcmp uno {a.typed}, {a.text}")

    def select(self, condition: Value, yes: Value, no: Value) -> Value:
        """`yes` where the condition holds, else `no`."""
        condition, yes, no = self._alike(condition, yes, no)
        return self.instruction(yes.dtype, yes.width, f"select {condition.typed}, {yes.typed}, {no.typed}")

    def call(self, name: str, *arguments: Value) -> Value:
        """An intrinsic of LLVM on values of one type."""
        values = self._alike(*arguments)
        first = values[0]
        kind = type_of(first.dtype, first.width)
        suffix = (f"v{first.width}" if first.width else "") + _INTRINSIC_TYPES[first.dtype]
        title = f"@llvm.{name}.{suffix}"
        self.module.declarations.add(f"declare {kind} {title}({', '.join([kind] * len(values))})")
        operands = ", ".join(value.typed for value in values)
        return self.instruction(first.dtype, first.width, f"call {kind} {title}({operands})")

    def fused(self, a: Value, b: Value, c: Value) -> Value:
        """a · b + c, rounded once."""
        return self.call("fma", a, b, c)

    def cast(self, name: str, a: Value, dtype: str) -> Value:
        """A conversion instruction of LLVM."""
        if type_of(a.dtype) == type_of(dtype):
            return Value(a.text, dtype, a.width, self, a.number)
        return self.instruction(dtype, a.width, f"{name} {a.typed} to {type_of(dtype, a.width)}")

    def folded(self, operation: Callable[[Value, Value], Value], value: Value) -> Value:
        """All lanes combined into one scalar, halves at a time; vectors have a power of two of lanes."""
        while value.width > 2:
            half = value.width // 2
            value = operation(self.part(value, 0, half), self.part(value, half, half))
        if value.width == 2:
            return operation(self.lane(value, 0), self.lane(value, 1))
        return self.lane(value, 0)

    # ---- memory ----

    def address(self, base: Value, offset: Value, dtype: str) -> Value:
        """Where the element with this number lies."""
        if offset.number == 0:
            return base
        return self.instruction(
            "pointer", 0, f"getelementptr inbounds {_memory_type(dtype)}, ptr {base.text}, i64 {offset.text}"
        )

    def load(self, dtype: str, width: int, place: Value) -> Value:
        """What lies in memory."""
        kind = "uint8" if dtype == "bool" else dtype
        value = self.instruction(kind, width, f"load {type_of(kind, width)}, ptr {place.text}, align {BYTES[kind]}")
        return value.differs(0) if dtype == "bool" else value

    def load_pointer(self, place: Value) -> Value:
        """A pointer that lies in memory."""
        return self.instruction("pointer", 0, f"load ptr, ptr {place.text}, align 8")

    def store(self, value: Value, place: Value) -> None:
        """Write to memory."""
        if value.dtype == "bool":
            value = self.cast("zext", value, "uint8")
        align = 8 if value.dtype == "pointer" else BYTES[value.dtype]
        self.line(f"store {value.typed}, ptr {place.text}, align {align}")
        self.forget()

    # ---- control ----

    def loop(
        self,
        start: int | Value,
        stop: int | Value,
        step: int | Value,
        body: Callable[[Value, list[Value]], Sequence[Value]],
        carried: Sequence[Value] = (),
    ) -> list[Value]:
        """`body(index, carried)` for each index from start below stop; what it gives is carried to the next."""
        if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int):
            count = -(-(stop - start) // step)
            if count <= 0:
                return list(carried)
            if count == 1:
                return list(body(self.index(start), list(carried)))
        first, end = self.index(start), self.index(stop)
        inside, behind = self.new_label(), self.new_label()
        before = self.block
        self.branch(first < end, inside, behind)
        self.begin(inside)
        place = len(self.lines)
        self.lines += [""] * (1 + len(carried))
        counter = Value(self._register(), INDEX, 0, self)
        entering = [Value(self._register(), value.dtype, value.width, self) for value in carried]
        leaving = list(body(counter, list(entering)))
        following = self.instruction(INDEX, 0, f"add nsw i64 {counter.text}, {self.index(step).text}")
        again = following < end
        last = self.block
        self.branch(again, inside, behind)
        pairs = [(counter, first, following), *zip(entering, carried, leaving, strict=True)]
        for number, (value, initial, changed) in enumerate(pairs):
            self.lines[place + number] = f"  {value.text} = {_joined(value, initial, before, changed, last)}"
        self.begin(behind)
        return [
            self.instruction(value.dtype, value.width, _joined(value, value, before, changed, last), once=False)
            for value, changed in zip(carried, leaving, strict=True)
        ]

    def either(self, condition: Value, yes: Callable[[], None], no: Callable[[], None]) -> None:
        """`yes()` where the condition holds, else `no()`."""
        first, second, behind = self.new_label(), self.new_label(), self.new_label()
        self.branch(condition, first, second)
        for label, write in ((first, yes), (second, no)):
            self.begin(label)
            write()
            self.jump(behind)
        self.begin(behind)

    def when(self, condition: Value, body: Callable[[], None]) -> None:
        """`body()` where the condition holds."""
        inside, behind = self.new_label(), self.new_label()
        self.branch(condition, inside, behind)
        self.begin(inside)
        body()
        self.jump(behind)
        self.begin(behind)


_INTRINSIC_TYPES = {"float16": "f16", "bfloat16": "bf16", "float32": "f32", "float64": "f64"} | {
    f"{sign}int{bits}": f"i{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}


def _memory_type(dtype: str) -> str:
    return "i8" if dtype == "bool" else TYPES[dtype]


def _joined(value: Value, initial: Value, before: str, changed: Value, last: str) -> str:
    kind = type_of(value.dtype, value.width)
    return f"phi {kind} [ {initial.text}, %{before} ], [ {changed.text}, %{last} ]"


def _folded(name: str, a: Value, b: Value) -> Value | int | None:
    """The result of index arithmetic that is known already."""
    if a.dtype != INDEX or a.width or b.width:
        return None
    if isinstance(a.number, int) and isinstance(b.number, int):
        match name:
            case "add":
                return a.number + b.number
            case "sub":
                return a.number - b.number
            case "mul":
                return a.number * b.number
    if b.number == 0 and name in ("add", "sub"):
        return a
    if a.number == 0 and name == "add":
        return b
    if name == "mul" and (a.number == 1 or b.number == 1):
        return b if a.number == 1 else a
    if name == "mul" and (a.number == 0 or b.number == 0):
        return 0
    return None
