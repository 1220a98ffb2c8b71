"""Pictures of stages: a loop's box says how much runs inside, and how often."""

import numpy as np

from kmagic import ops
from kmagic.compiler.picture import picture
from tests.compiler.programs import traced, uncached

X = np.ones((6, 3))


def drawn(function) -> str:
    stages = uncached(traced(function, [X])).stages
    texts = {picture(stages[name], "p") for name in ("simplify", "place")}
    return "".join(sorted(texts))


def test_boxes_of_loops_and_branches() -> None:
    # the parameter, what is stacked, and the constant that it is multiplied with
    assert drawn(lambda x: ops.map(lambda row: row * 2, x)).count("3 nodes × 6 (control)") == 2
    assert "nodes × 9 (control)" in drawn(lambda x: ops.while_loop(lambda c: c[0, 0] < 1, lambda c: c * 2, x, 9))
    assert "nodes (control)" in drawn(lambda x: ops.while_loop(lambda c: c[0, 0] < 1, lambda c: c * 2, x))
    assert "nodes (control)" in drawn(lambda x: ops.cond(x[0, 0] < 1, lambda: x * 2, lambda: x))
