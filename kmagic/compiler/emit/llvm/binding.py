"""Tie native code to memory: a context of addresses for each batch size, and one for each body inside."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base import shapes
from kmagic.base.errors import Defect
from kmagic.compiler.emit.llvm import looping
from kmagic.compiler.emit.llvm.native import Library
from kmagic.compiler.emit.llvm.printer import Inner, Native
from kmagic.compiler.emit.numpy.binding import Array, Binding, Step, allocate
from kmagic.compiler.emit.threads import threads_for
from kmagic.graph.node import Node

_HOST = ctypes.CFUNCTYPE(ctypes.c_int64)


class BoundStep:
    """A printed program on a binding's arrays."""

    def __init__(self, program: Native, binding: Binding) -> None:
        if program.loaded is None:
            library = Library(program.modules)
            program.loaded = library, library.function("step", ctypes.c_int64, ctypes.c_void_p)
        self._library, self._run = program.loaded
        self.context = Context(program, binding, [])
        self.threads = threads_for(program.plan.schedule.graph, binding.sizes)
        self._place = ctypes.c_void_p(self.context.address)

    @property
    def address(self) -> int:
        """Where its code lies."""
        return ctypes.cast(self._run, ctypes.c_void_p).value or 0

    def __call__(self) -> int:
        with self.threads:
            status: int = self._run(self._place)
        self.raise_what_was_kept()
        return status

    def raise_what_was_kept(self) -> None:
        """Raise an exception that Python had inside of native code."""
        if self.context.raised:
            raise self.context.raised.pop()


def bind(program: Native, binding: Binding) -> Step:
    """The step of a printed program on a binding's arrays."""
    return BoundStep(program, binding)


def run(steps: tuple[BoundStep, BoundStep], given: Sequence[tuple[Array, Array]], numbers: Array, size: int) -> int:
    """Many steps in one call, the last one perhaps on fewer rows; how many went well."""
    full, part = steps
    with full.threads:
        done = looping.run(full.address, (full.context.address, part.context.address), given, numbers, size)
    for step in steps:
        step.raise_what_was_kept()
    return done


class Context:
    """The words that a function of the driver reads, and what keeps their memory alive.

    An exception of Python's cannot pass through native code: it is put into `raised`, to be raised behind it.
    """

    def __init__(self, program: Native, binding: Binding, raised: list[BaseException]) -> None:
        self.raised = raised
        self._binding = binding
        for node in program.plan.places:
            if node.name == "slice":
                binding[node]  # a batch that is too small for it is found here
        self._links = [self._link(link) for link in program.links]
        addresses = [address for address, _ in reversed(self._links)]
        sizes = [binding.sizes[name] for name in program.sizes]
        self._arrays = [self._array(slot) for slot in program.slots]
        pointers = [array.__array_interface__["data"][0] for array in self._arrays]
        self._words = np.array([*addresses, *sizes, *pointers], np.int64)
        self.address: int = self._words.ctypes.data + 8 * len(addresses)

    def _link(self, link: Any) -> tuple[int, Any]:
        """An address, and what must live as long as it is used."""
        if isinstance(link, Inner):
            context = Context(link.printed, self._inside(link), self.raised)
            return context.address, context
        host = _HOST(self._guarded(self._binding.step(link)))
        return ctypes.cast(host, ctypes.c_void_p).value or 0, host

    def _inside(self, link: Inner) -> Binding:
        """The arrays of a body: its parameters lie where values around it do, or in memory of their own."""
        plan, sizes = link.printed.plan, self._binding.sizes
        given = {
            parameter: self._binding[link.shared[parameter]]
            if parameter in link.shared
            else np.empty(shapes.bind(parameter.shape, sizes), parameter.dtype)
            for parameter in plan.schedule.graph.inputs
        }
        return Binding(plan, sizes, given, allocate(plan, sizes), self._binding.memory)

    def _guarded(self, step: Step) -> Callable[[], int]:
        def run() -> int:
            try:
                return step()
            except BaseException as error:
                self.raised.append(error)
                return 1

        return run

    def _array(self, slot: Any) -> Array:
        if not isinstance(slot, Node):
            return self._binding.memory(slot)
        array = self._binding[slot]
        if not array.flags.c_contiguous:
            raise Defect(f"{slot} is not in one piece", where="bind")
        return array
