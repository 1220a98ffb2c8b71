"""Every area there is: those of the files in `areas/`, the scenarios, and the signatures."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from . import areas, callback_scenarios, fit_scenarios, refusal_scenarios, scenarios, signatures
from .area import Area


def _in_files() -> Iterator[Area]:
    for info in pkgutil.iter_modules(areas.__path__):
        yield from importlib.import_module(f"{areas.__name__}.{info.name}").AREAS


AREAS = {
    area.name: area
    for area in (
        *_in_files(),
        Area("fitting", fit_scenarios.SCENARIOS, scenarios.play),
        Area("callbacks", callback_scenarios.SCENARIOS, scenarios.play),
        Area("refusals", refusal_scenarios.SCENARIOS, scenarios.play),
        Area("signatures", signatures.CASES, signatures.read),
    )
}
