"""Adafactor where Keras gives no numbers."""

import numpy as np

from kmagic.graph.variable import Variable
from kmagic.optimizers import Adafactor


def test_a_row_and_a_column_without_gradient_stay_as_they_are() -> None:
    """The product of their means is zero in float32, and so would be the divisor of a gradient of zero."""
    weight = Variable(np.ones((3, 2), "float32"))
    gradient = np.array([[0.0, 0.0], [0.0, 0.5], [0.0, 1.0]], "float32")
    optimizer = Adafactor(0.1)
    for _ in range(3):
        optimizer.apply([gradient], [weight])
    moved = weight.numpy() != 1
    assert np.isfinite(weight.numpy()).all() and moved.tolist() == [[False, False], [False, True], [False, True]]
