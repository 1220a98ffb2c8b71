"""The compiler on one page: a traced graph becomes a program, stage by stage.

Each stage is one file named after its verb, takes the last stage's result and returns a new one. `STAGES` is that list
in order, so that any stage can be shown; between stages the legality table is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kmagic.base.errors import UnknownName
from kmagic.compiler.differentiate import differentiate
from kmagic.compiler.emit.emitter import Emitter, chosen
from kmagic.compiler.fuse import fuse
from kmagic.compiler.legality import check
from kmagic.compiler.lower import lower
from kmagic.compiler.merge import merge
from kmagic.compiler.order import order
from kmagic.compiler.simplify import simplify
from kmagic.compiler.widen import widen
from kmagic.graph.node import Graph

STAGES: dict[str, Callable[[Any], Any]] = {
    "differentiate": differentiate,
    "lower": lower,
    "widen": widen,
    "simplify": simplify,
    "merge": merge,
    "tile": lambda graph: graph,
    "fuse": fuse,
    "order": order,
}


def compile(graph: Graph, emitter: Emitter | None = None) -> dict[str, Any]:
    """What each stage makes of a graph, by the stage's name; the last is what an emitter printed."""
    maker = emitter or chosen()
    results: dict[str, Any] = {"trace": graph}
    current: Any = graph
    for name, stage in {**STAGES, "tile": maker.tile, "place": maker.place, "emit": maker.emit}.items():
        current = results[name] = stage(current)
        check(name, current)
    return results


def stage_names() -> list[str]:
    """The stages in order, from the traced graph to the text."""
    return ["trace", *STAGES, "place", "emit"]


def check_stage(name: str) -> str:
    """`name`, if it is a stage."""
    if name not in stage_names():
        raise UnknownName(name, stage_names(), kind="stage", where="plan")
    return name
