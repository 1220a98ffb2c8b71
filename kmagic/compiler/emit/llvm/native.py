"""Native code: modules compiled by llvmlite, one by one, and loaded together.

Compiled modules are kept by their text, in memory and on disk, so that equal kernels are compiled once. LLVM's own
optimiser is not run: kernels are written as vector code already, and code generation alone takes a sixth of the time.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from kmagic.compiler.emit.llvm import shelf

LIMIT = 2048  # compiled modules that are kept
_objects: OrderedDict[str, bytes] = OrderedDict()
_lock = threading.Lock()


@functools.cache
def _target() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple()


def machine() -> Any:
    """The processor that code is made for; an engine takes the one that it is given for its own."""
    return _target().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2, jit=True
    )


_compiler = functools.cache(machine)


@functools.cache
def vector_bytes() -> int:
    """How wide a vector of this processor is."""
    features = llvm.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx2") else 16


@functools.cache
def signature() -> str:
    """What compiled code depends on besides its text."""
    return f"{llvmlite.__version__} {llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def digest(text: str) -> str:
    """A name for what a text compiles to on this machine."""
    return hashlib.sha256(f"{signature()}\n{text}".encode()).hexdigest()[:24]


def compiled(text: str) -> bytes:
    """The object code of a module."""
    key = digest(text)
    with _lock:
        found = _objects.get(key)
        if found is not None:
            _objects.move_to_end(key)
            return found
        found = _objects[key] = shelf.take(key) or _made(key, text)
        while len(_objects) > LIMIT:
            _objects.popitem(last=False)
    return found


def _made(key: str, text: str) -> bytes:
    module = llvm.parse_assembly(text)
    module.triple = _target().triple
    code = bytes(_compiler().emit_object(module))
    shelf.put(key, code)
    return code


@functools.cache
def _prune_once() -> None:
    shelf.prune()


class Library:
    """Modules loaded together, whose functions may call each other; freed with this object."""

    def __init__(self, texts: Sequence[str]) -> None:
        objects = [compiled(text) for text in texts]
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine())
        for code in objects:
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        _prune_once()

    def function(self, name: str, result: Any, *parameters: Any) -> Any:
        """A function for Python, which other threads may run beside."""
        return ctypes.CFUNCTYPE(result, *parameters)(self._engine.get_function_address(name))
