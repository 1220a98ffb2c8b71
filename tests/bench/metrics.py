"""How long each metric takes on a million rows, against the obvious NumPy formula written out in `metric_formulas`.

    python tests/bench/metrics.py            # all metrics
    python tests/bench/metrics.py auc recall

Three times for each: the formula, the metric at once (`update_state` and `result` on arrays), and the metric as a
compiled program that takes all rows in one step. Ratios above 2 are marked.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import kmagic
from kmagic.base.shapes import Extent
from kmagic.compiler.cache import program_of
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.trace import trace_graph
from tests.bench.metric_formulas import DATA, FORMULAS, Formula

Array = np.ndarray[Any, Any]
ROWS, REPEATS, LIMIT = 1_000_000, 7, 2.0


def fastest(action: Callable[[], Any], repeats: int) -> float:
    """Seconds of the fastest of several calls, the first of which does not count."""
    action()
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - start)
    return best


def made(name: str) -> Any:
    """A new metric."""
    entry = kmagic.metrics.registry.find(name)
    return entry.target(**FORMULAS[name].arguments)


def at_once(metric: Any, arrays: Sequence[Array]) -> Any:
    """The metric's result, from arrays."""
    metric.update_state(*arrays)
    return metric.result()


def compiled(name: str, arrays: Sequence[Array]) -> Callable[[], Any]:
    """What runs the metric's program over all rows, which lie in its memory as a prediction would, for the result."""
    metric = made(name)
    symbols = [
        input_symbol((Extent.named("batch"), *array.shape[1:]), str(array.dtype), f"x{i}")
        for i, array in enumerate(arrays)
    ]
    program, variables = program_of(trace_graph(lambda *given: metric.update_state(*given) or {}, symbols))
    rows = len(arrays[0])
    workspace = program.workspace(rows, variables)
    for memory, array in zip(workspace.inputs(rows), arrays, strict=True):
        np.copyto(memory, array)

    def run() -> Any:
        metric.reset_state()
        with np.errstate(all="ignore"):
            if workspace.step(rows)():
                raise RuntimeError(f"{name}: the step failed")
        return metric.result()

    return run


def measure(name: str, rows: int = ROWS, repeats: int = REPEATS) -> tuple[float, float, float]:
    """Seconds of the formula, of the metric at once, and of its program."""
    formula: Formula = FORMULAS[name]
    arrays = DATA[formula.data](rows)
    program, metric = compiled(name, arrays), made(name)
    gc.collect()
    return (
        fastest(lambda: formula.compute(*arrays), repeats),
        fastest(lambda: at_once(metric, arrays), repeats),
        fastest(program, repeats),
    )


def line(name: str, seconds: tuple[float, float, float]) -> str:
    """One line of the table, in milliseconds."""
    formula, eager, program = (1e3 * value for value in seconds)
    mark = "  <-- slow" if max(eager, program) > LIMIT * formula else ""
    return (
        f"{name:36}{FORMULAS[name].data:18}{formula:9.2f}{eager:9.2f}{eager / formula:7.2f}"
        f"{program:9.2f}{program / formula:7.2f}{mark}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a metric takes more than twice as long as its formula."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="metrics; all by default")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    given = parser.parse_args(arguments)
    print(f"{'metric':36}{'data':18}{'formula':>9}{'at once':>9}{'ratio':>7}{'program':>9}{'ratio':>7}   (ms)")
    slow = 0
    for name in given.names or sorted(FORMULAS):
        seconds = measure(name, given.rows, repeats=given.repeats)
        print(line(name, seconds), flush=True)
        slow += max(seconds[1:]) > LIMIT * seconds[0]
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
