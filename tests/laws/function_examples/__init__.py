"""Calls of every public function, each beside a formula in plain NumPy: one file a family, each with `EXAMPLES`."""

import importlib
import pkgutil

from tests.laws.function_examples.call import Call

EXAMPLES: dict[str, list[Call]] = {
    name: calls
    for info in pkgutil.iter_modules(__path__)
    if info.name != "call"
    for name, calls in importlib.import_module(f"{__name__}.{info.name}").EXAMPLES.items()
}
