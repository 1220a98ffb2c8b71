"""What training will take: parameters, memory, operations and time, known before the first step.

Memory and operations are read off the compiled step, time is put together from them and the speed of this machine.
After an epoch the time that was measured takes the place of the expected one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from kmagic.base import shapes
from kmagic.base.dtypes import BYTES
from kmagic.compiler import cost
from kmagic.compiler.body import bodies, graph_of_body
from kmagic.compiler.fuse import Kernel, fuse
from kmagic.compiler.program import Program
from kmagic.compiler.show import figures
from kmagic.graph.node import Node
from kmagic.models import programs
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis.machine import Machine, machine
from kmagic.models.plan import plan_of
from kmagic.models.recipe import Recipe

CURVED = frozenset(
    ("exp", "expm1", "log", "log1p", "log2", "log10", "tanh", "erf", "erfinv", "power", "sin", "cos", "sqrt")
)
# measured in exponentials: a random number, with the calls that drawing takes, and an element that is looked up or put
# in its place one by one
_DRAW, _DRAW_CALLS, _SCATTERED = 60, 130, 3
_CACHE = 1 << 20  # bytes; what is larger comes from memory, both operands and the result
_STEP = 4e-6  # seconds that the loop takes around a step, whatever it computes


@dataclass(frozen=True)
class Estimate:
    """Figures of a training: sizes in bytes, operations of one step, seconds of one epoch.

    `state_bytes` is what the optimizer and the metrics keep, `workspace_bytes` what one step works in;
    `seconds_per_epoch` is expected, or measured where `is_measured`.
    """

    parameters: int
    trainable: int
    weight_bytes: int
    state_bytes: int
    workspace_bytes: int
    flops_per_step: int
    batch_size: int
    steps_per_epoch: int
    seconds_per_epoch: float
    is_measured: bool = False

    @property
    def total_bytes(self) -> int:
        """Everything that training holds beside the data."""
        return self.weight_bytes + self.state_bytes + self.workspace_bytes

    @property
    def flops_per_epoch(self) -> int:
        """Operations of a whole epoch."""
        return self.flops_per_step * self.steps_per_epoch

    def measured(self, seconds: float) -> Estimate:
        """The same with the time that an epoch took."""
        return replace(self, seconds_per_epoch=seconds, is_measured=True)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"total_bytes": self.total_bytes, "flops_per_epoch": self.flops_per_epoch}

    def __str__(self) -> str:
        how = "measured" if self.is_measured else "expected"
        return (
            f"{self.parameters:,} parameters ({self.trainable:,} trainable)\n"
            f"{sized(self.total_bytes)} of memory: weights {sized(self.weight_bytes)}, optimizer and metrics "
            f"{sized(self.state_bytes)}, a step {sized(self.workspace_bytes)}\n"
            f"{counted(self.flops_per_step)}FLOP a step, {self.steps_per_epoch:,} steps of {self.batch_size} an epoch\n"
            f"{timed(self.seconds_per_epoch)} an epoch ({how})"
        )


def estimate(model: Any, recipe: Recipe, rows: int, batch_size: int | None = None) -> Estimate | None:
    """What training with `recipe` on so many rows takes; None while the model's input shape is not known."""
    if not model.built or model.input_shape is None:
        return None
    size = programs.fixed_batch(model) or max(1, min(batch_size or 32, rows))
    program = plan_of(model, Compiled.of(recipe), "train", "place", size).program
    found = figures(program, size)
    steps = -(-rows // size)
    weight_bytes = sum(variable.size * BYTES[variable.dtype] for variable in model.weights)
    inputs = sum(_bytes_of(node, size) for node in program.graph.inputs)
    expected = Estimate(
        parameters=model.count_params(),
        trainable=sum(variable.size for variable in model.trainable_weights),
        weight_bytes=weight_bytes,
        state_bytes=max(0, found["variable_bytes"] - weight_bytes),
        workspace_bytes=found["buffer_bytes"] + inputs,
        flops_per_step=found["flops"],
        batch_size=size,
        steps_per_epoch=steps,
        seconds_per_epoch=steps * step_seconds(program, size, machine()),
    )
    seconds = _measured_step(model, recipe, size)
    return expected if seconds is None else expected.measured(seconds * steps)


def _measured_step(model: Any, recipe: Recipe, batch_size: int) -> float | None:
    """Seconds of a step in the last training, where that was the same one."""
    clock = model.clock
    is_same = clock is not None and clock.batch_size == batch_size and model.recipe == recipe
    return clock.seconds_per_step if is_same else None


def _bytes_of(node: Node, rows: int) -> int:
    size: int = BYTES[node.dtype]
    for axis in shapes.bind(node.shape, {"batch": rows}):
        size *= axis
    return size


# ---- time ----


def step_seconds(program: Program, rows: int, speed: Machine) -> float:
    """Seconds that a step takes: its kernels one after the other, filling its inputs, and the loop around."""
    sizes = {"batch": rows}
    inputs = sum(_bytes_of(node, rows) for node in program.graph.inputs) / speed.stream
    kernels = program.plan.schedule.kernels
    return _STEP + inputs + sum(_kernel_seconds(kernel, sizes, speed) for kernel in kernels)


def _kernel_seconds(kernel: Kernel, sizes: dict[str, int], speed: Machine) -> float:
    return sum(_node_seconds(node, sizes, speed) for node in kernel.nodes)


def _node_seconds(node: Node, sizes: dict[str, int], speed: Machine) -> float:
    kind = node.op.kind
    if kind == "control":
        return _control_seconds(node, sizes, speed)
    flops = cost.flops(Kernel(kind, (node,), 0), sizes)
    if kind == "product":
        return speed.call + flops / speed.product
    size = _bytes_of(node, sizes["batch"])
    elements = size / BYTES[node.dtype]
    if kind == "random":
        return _DRAW_CALLS * speed.call + _DRAW * elements / speed.curved
    if kind in ("index", "window"):
        return speed.call + _SCATTERED * elements / speed.curved
    work = max(flops, elements) / (speed.curved if node.name in CURVED else speed.plain)
    return speed.call + max(work, 3 * size / speed.stream if size > _CACHE else 0.0)


def _control_seconds(node: Node, sizes: dict[str, int], speed: Machine) -> float:
    """A branch as long as the longer body, a loop its body as often as it runs."""
    of_bodies = [
        sum(_kernel_seconds(kernel, sizes, speed) for kernel in fuse(graph_of_body(body)).kernels)
        for _, body in bodies(node)
    ]
    return max(of_bodies) if node.name == "cond" else cost.repetitions(node, sizes) * sum(of_bodies)


# ---- figures for people ----


def sized(count: float) -> str:
    """Bytes as people read them.

    >>> sized(512), sized(2_300_000), sized(41e9)
    ('512 B', '2.3 MB', '41 GB')
    """
    return f"{counted(count)}B"


def counted(count: float) -> str:
    """A number with its unit prefix.

    >>> counted(950), counted(12_345), counted(4.2e8)
    ('950 ', '12 k', '420 M')
    """
    for prefix in ("", "k", "M", "G", "T", "P"):
        if count < 999.5 or prefix == "P":
            break
        count /= 1000
    return f"{count:.2g} {prefix}" if count < 10 and prefix else f"{count:.0f} {prefix}"


def timed(seconds: float) -> str:
    """A time as people read it.

    >>> timed(0.0042), timed(3.21), timed(200), timed(9000)
    ('4.2 ms', '3.2 s', '3.3 min', '2.5 h')
    """
    for unit, size in (("h", 3600), ("min", 60), ("s", 1), ("ms", 1e-3)):
        if seconds >= size or unit == "ms":
            break
    count = seconds / size
    return f"{count:.2g} {unit}" if count < 10 else f"{count:.0f} {unit}"
