"""Stages as text show what runs inside of branches and loops."""

import numpy as np

from kmagic import ops
from kmagic.compiler.show import figures, stage_text
from tests.compiler.programs import traced, uncached

X = np.ones((6, 3), "float32")


def program(function):
    return uncached(traced(function, [X], batch=True))


def test_bodies_stand_below_their_node() -> None:
    scanned = program(lambda x: ops.scan(lambda c, row: (ops.exp(c) * row, None), x[0], x)[0])
    lines = stage_text(scanned, "simplify", 6).splitlines()
    start = lines.index("  body:")
    assert "= scan(" in lines[start - 1] and "length=batch" in lines[start - 1]
    assert all(line.startswith("    %") for line in lines[start + 1 : start + 5])
    assert "    output 0 = %3" in lines


def test_plans_of_bodies_have_their_own_buffers() -> None:
    branch = program(lambda x: ops.cond(x[0, 0] > 0, lambda: ops.exp(x), lambda: x * 2))
    text = stage_text(branch, "place", 6)
    for name in ("true", "false"):
        part = text.partition(f"      {name}:\n")[2]
        assert part.startswith("          0 pointwise f32[batch 3]") and "buffer 0: 72 bytes" in part


def test_texts_of_bodies_follow_the_text_that_runs_them() -> None:
    looped = program(lambda x: ops.while_loop(lambda c: c[0, 0] < 9, lambda c: c * 2 + 1, x))
    text = stage_text(looped, "emit", 6)
    assert text.count("def bind(") == 3 and "while True:" in text
    assert figures(looped, 6)["flops"] > 0
