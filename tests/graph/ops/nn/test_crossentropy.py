"""Crossentropies of elements and classes against their definitions in NumPy."""

import numpy as np
import pytest

import kmagic
from kmagic import ops
from kmagic.base.errors import BadData, ShapeMismatch
from tests.graph.ops.every_way import check_slopes, check_values

GENERATOR = np.random.default_rng(0)
LOGITS = GENERATOR.normal(size=(4, 3, 5))
LABELS = GENERATOR.integers(0, 5, (4, 3))
ONE_HOT = np.eye(5)[LABELS]
SHARES = GENERATOR.uniform(0.1, 2.0, (4, 3, 5))
SCALED = SHARES / SHARES.sum(-1, keepdims=True)
SOFTMAX = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
SIGMOID = 1 / (1 + np.exp(-LOGITS))


def binary(t, p):
    return -t * np.log(p) - (1 - t) * np.log(1 - p)


def test_binary() -> None:
    soft = GENERATOR.uniform(size=LOGITS.shape)
    check_values(ops.binary_crossentropy, [soft, SIGMOID], binary(soft, SIGMOID))
    check_values(lambda t, z: ops.binary_crossentropy(t, z, from_logits=True), [soft, LOGITS], binary(soft, SIGMOID))
    check_slopes(ops.binary_crossentropy, [soft, SIGMOID])
    check_slopes(lambda t, z: ops.binary_crossentropy(t, z, from_logits=True), [soft, LOGITS])


def test_binary_at_the_ends() -> None:
    z = np.array([-800.0, -40.0, 0.0, 40.0, 800.0])
    near = np.exp(-40.0)
    for target, expected in ((1.0, [800, 40, np.log(2), near, 0]), (0.0, [0, near, np.log(2), 40, 800])):
        t = np.full(5, target)
        np.testing.assert_allclose(ops.binary_crossentropy(t, z, from_logits=True), expected, rtol=1e-14)
        slope = kmagic.grad(lambda z, t=t: ops.sum(ops.binary_crossentropy(t, z, from_logits=True)))(z)
        np.testing.assert_allclose(slope, [-target, near - target, 0.5 - target, 1 - near - target, 1 - target])
    epsilon = kmagic.config.epsilon()
    ends = ops.binary_crossentropy(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    np.testing.assert_allclose(ends, -np.log(epsilon), rtol=1e-9)


def test_classes() -> None:
    from_shares, from_logits = -(ONE_HOT * np.log(SCALED)).sum(-1), -(ONE_HOT * np.log(SOFTMAX)).sum(-1)
    check_values(ops.categorical_crossentropy, [ONE_HOT, SHARES], from_shares)
    check_values(lambda t, z: ops.categorical_crossentropy(t, z, from_logits=True), [ONE_HOT, LOGITS], from_logits)
    check_values(ops.sparse_categorical_crossentropy, [LABELS, SHARES], from_shares)
    check_values(
        lambda t, z: ops.sparse_categorical_crossentropy(t, z, from_logits=True), [LABELS, LOGITS], from_logits
    )
    check_values(ops.sparse_categorical_crossentropy, [LABELS[..., None], SHARES], from_shares)
    check_slopes(ops.categorical_crossentropy, [ONE_HOT, SHARES])
    check_slopes(lambda z: ops.sparse_categorical_crossentropy(LABELS, z, from_logits=True), [LOGITS])


def test_classes_along_another_axis() -> None:
    expected = -(ONE_HOT * np.log(SOFTMAX)).sum(-1)
    shares = np.moveaxis(SOFTMAX, -1, 1)
    check_values(lambda t, p: ops.sparse_categorical_crossentropy(t, p, axis=1), [LABELS, shares], expected)
    one_hot = np.moveaxis(ONE_HOT, -1, 1)
    check_values(lambda t, p: ops.categorical_crossentropy(t, p, axis=1), [one_hot, shares], expected)


def test_shapes_and_labels_that_do_not_fit_are_told() -> None:
    for function in (ops.binary_crossentropy, ops.categorical_crossentropy):
        with pytest.raises(ShapeMismatch, match="same shape"):
            function(np.ones((2, 3)), np.ones((2, 4)))
    with pytest.raises(ShapeMismatch, match="same shape"):
        ops.sparse_categorical_crossentropy(np.ones((3,), "int32"), np.ones((2, 4)))
    with pytest.raises(BadData):
        ops.sparse_categorical_crossentropy(np.array([0, 4]), np.ones((2, 4)))
