"""Rules, a file a subject; each looks at facts and returns a finding or None."""

import functools
import importlib
import pkgutil

from kmagic.models.diagnosis.finding import RULES, Rule


def every_rule() -> list[Rule]:
    """All rules in the order of their codes, of which some have several."""
    _load()
    return [rule for _, rule in sorted(RULES.items())]


@functools.cache
def _load() -> None:
    """Import every file of rules once."""
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
