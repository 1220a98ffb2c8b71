"""Rules, a file a subject; each looks at facts and returns a finding or None."""

import functools
import importlib
import pkgutil


@functools.cache
def load() -> None:
    """Import every file of rules once."""
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
