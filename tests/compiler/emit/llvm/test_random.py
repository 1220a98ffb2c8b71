"""Random bits are those of the operation, whatever the shape."""

import numpy as np
import pytest

from kmagic.graph.ops import random as reference
from kmagic.graph.table import row_called
from tests.compiler.programs import run, traced


@pytest.mark.parametrize("shape", [(), (1,), (3,), (4,), (10,), (64,), (5, 7), (2, 8)])
@pytest.mark.parametrize("rows", [1, 5, 37])
def test_bits(shape: tuple[int, ...], rows: int) -> None:
    state = np.array([12345, 7], "uint32")
    graph = traced(
        lambda x: row_called("random_bits")(x[0], shape=(x.shape[0], *shape), stream=99),
        [np.stack([state])],
        batch=True,
    )
    given = np.repeat(state[None], rows, 0)
    found = run(graph, [given], rows, executor="llvm").outputs["y0"]
    np.testing.assert_array_equal(found, reference.bits(state, (rows, *shape), 99))
