"""Rules, a file a subject; each looks at facts and returns a finding or None."""

import functools
import importlib
import pkgutil

from kmagic.models.diagnosis.finding import RULES, Rule


def every_rule() -> dict[str, Rule]:
    """All rules by their codes, in order."""
    _load()
    return dict(sorted(RULES.items()))


@functools.cache
def _load() -> None:
    """Import every file of rules once."""
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
