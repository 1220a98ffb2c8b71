"""CTC as a part: what it refuses, what its rows may hold, and that a model learns by it."""

import math

import numpy as np
import pytest

import kmagic
from kmagic import losses
from kmagic.base.errors import ShapeMismatch


def test_zeros_fill_up_rows_of_labels() -> None:
    logits = np.random.default_rng(0).normal(size=(2, 5, 4))
    short, long = np.array([[1, 2], [3, 0]]), np.array([[1, 2, 0, 0], [3, 0, 0, 0]])
    np.testing.assert_allclose(losses.ctc(short, logits), losses.ctc(long, logits), rtol=1e-12)
    # of 4³ paths of three steps the label 1 alone has 1 1 1, 1 1 0, 0 1 1, 1 0 0, 0 1 0 and 0 0 1
    even = losses.CTC(reduction="none")([[1], [1]], np.zeros((2, 3, 4)))
    np.testing.assert_allclose(even, [math.log(64 / 6)] * 2, rtol=1e-6)


def test_names() -> None:
    assert losses.get("ctc") is losses.ctc and isinstance(losses.get("CTC"), losses.CTC)
    assert losses.CTC().get_config() == {"name": "ctc", "reduction": "sum_over_batch_size"}


def test_shapes_are_checked() -> None:
    for target, logits in ((np.ones((2, 3), int), np.ones((2, 4))), (np.ones(2, int), np.ones((2, 5, 4)))):
        with pytest.raises(ShapeMismatch, match="CTC: target .* and prediction"):
            losses.CTC()(target, logits)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_model_learns_to_spell(run_eagerly: bool) -> None:
    kmagic.utils.set_random_seed(0)
    generator = np.random.default_rng(1)
    signs = generator.normal(size=(4, 6))
    y = generator.integers(1, 4, (24, 2))
    # silence outweighs the labels; were it as frequent, the two could change roles
    spelled = np.zeros((24, 7), int)
    spelled[:, [2, 4]] = y
    x = signs[spelled]
    model = kmagic.Sequential([kmagic.Input((7, 6)), kmagic.layers.Dense(4)])
    model.compile(optimizer=kmagic.optimizers.Adam(0.1), loss="ctc", run_eagerly=run_eagerly)
    model.fit(x, y, batch_size=12, epochs=60, verbose=0)
    labels, _ = kmagic.ops.ctc_decode(model.predict(x, verbose=0), [7] * 24)
    assert labels[0, :, :2].tolist() == y.tolist() and np.all(labels[0, :, 2:] == -1)
