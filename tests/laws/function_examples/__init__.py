"""Calls of every public function, each beside a formula in plain NumPy: one file a family, each with `EXAMPLES`."""

import importlib
import pkgutil

from tests.laws.function_examples.call import Call

EXAMPLES: dict[str, list[Call]] = {}
for _file in pkgutil.iter_modules(__path__):
    for _name, _calls in getattr(importlib.import_module(f"{__name__}.{_file.name}"), "EXAMPLES", {}).items():
        EXAMPLES.setdefault(_name, []).extend(_calls)
