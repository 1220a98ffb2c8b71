"""Spectral normalization: the largest singular value becomes 1, in training only."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadType, BadValue
from kmagic.layers import Conv2D, Dense, Embedding, Flatten, Input, SpectralNormalization
from kmagic.models import Sequential
from kmagic.utils import set_random_seed

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("inner", "x"),
    [
        (Dense(4, dtype="float64"), RANDOM.normal(size=(5, 3))),
        (Conv2D(3, 2, dtype="float64"), RANDOM.normal(size=(2, 4, 4, 2))),
        (Embedding(6, 3, dtype="float64"), np.array([[0, 5]])),
    ],
)
def test_the_largest_singular_value_becomes_1(inner: Any, x: np.ndarray) -> None:
    layer = SpectralNormalization(inner, power_iterations=200)
    layer(x)
    start = layer.kernel.numpy()
    layer(x)
    np.testing.assert_array_equal(layer.kernel.numpy(), start, err_msg="without training")
    layer(x, training=True)
    matrix = layer.kernel.numpy().reshape(-1, start.shape[-1])
    assert np.linalg.svd(matrix, compute_uv=False)[0] == pytest.approx(1, rel=1e-6)
    ratio = start / layer.kernel.numpy()
    np.testing.assert_allclose(ratio, ratio.flat[0], rtol=1e-9, err_msg="only its size changes")
    learned = [id(weight) for weight in layer.trainable_weights]
    assert id(layer.kernel) in learned and id(layer.vector_u) not in learned


def test_a_kernel_of_zeros_stays() -> None:
    layer = SpectralNormalization(Dense(2, kernel_initializer="zeros"))
    assert np.asarray(layer(np.ones((1, 3)), training=True)).tolist() == [[0.0, 0.0]]
    assert np.isfinite(layer.vector_u.numpy()).all()


def test_a_model_keeps_its_slope_bounded_while_it_trains() -> None:
    set_random_seed(1)
    model = Sequential([Input((3,)), SpectralNormalization(Dense(8, "relu"), 5), SpectralNormalization(Dense(1), 5)])
    model.compile("sgd", "mse")
    x = RANDOM.normal(size=(64, 3))
    model.fit(x, 100 * x[:, :1], epochs=20, shuffle=False, verbose=0)
    model.layers[0](x, training=True)
    kernel = model.layers[0].layer.kernel.numpy()
    assert np.linalg.svd(kernel, compute_uv=False)[0] == pytest.approx(1, rel=0.1)


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(BadType, match="Flatten has no kernel"):
        SpectralNormalization(Flatten())(np.ones((2, 3)))
    with pytest.raises(BadValue, match="power_iterations is 0"):
        SpectralNormalization(Dense(2), power_iterations=0)
