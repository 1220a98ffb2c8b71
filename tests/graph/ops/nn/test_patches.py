"""Patches against loops over pixels."""

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch
from tests.graph.ops.every_way import check_slopes, check_values

X = np.random.default_rng(0).normal(size=(2, 3, 7, 6))
OPTIONS = [
    ((2, 3), {}),
    (3, {"stride": 2}),
    (2, {"dilation": (2, 1), "stride": (1, 2)}),
    ((3, 2), {"padding": (1, 2), "stride": 2, "dilation": (1, 2)}),
]


def pair(value):
    return (value, value) if isinstance(value, int) else value


def columns(x, kernel, dilation=1, padding=0, stride=1):
    (kh, kw), (dh, dw), (ph, pw), (sh, sw) = map(pair, (kernel, dilation, padding, stride))
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    high, wide = padded.shape[2] - dh * (kh - 1), padded.shape[3] - dw * (kw - 1)
    found = [
        padded[:, :, r : r + dh * kh : dh, c : c + dw * kw : dw][:, :, :kh, :kw].reshape(len(x), -1)
        for r in range(0, high, sh)
        for c in range(0, wide, sw)
    ]
    return np.stack(found, -1)


@pytest.mark.parametrize(("kernel", "options"), OPTIONS)
def test_unfold(kernel, options) -> None:
    check_values(lambda x: ops.unfold(x, kernel, **options), [X], columns(X, kernel, **options))
    check_slopes(lambda x: ops.unfold(x, kernel, **options), [X])


@pytest.mark.parametrize(("kernel", "options"), OPTIONS)
def test_fold_adds_what_unfold_took(kernel, options) -> None:
    patches = columns(X, kernel, **options)
    weights = np.random.default_rng(1).normal(size=patches.shape)
    # the transpose of a linear map: ⟨unfold(e), w⟩ for each pixel e
    expected = np.zeros_like(X)
    for place in np.ndindex(X.shape[1:]):
        pixel = np.zeros((1, *X.shape[1:]))
        pixel[(0, *place)] = 1
        expected[(slice(None), *place)] = (columns(pixel, kernel, **options) * weights).sum((1, 2))
    check_values(lambda p: ops.fold(p, (7, 6), kernel, **options), [weights], expected)
    check_slopes(lambda p: ops.fold(p, (7, 6), kernel, **options), [weights])


def test_depth_to_space_and_back() -> None:
    x = np.arange(2 * 2 * 3 * 8.0).reshape(2, 2, 3, 8)
    expected = np.zeros((2, 4, 6, 2))
    for n, h, w, c in np.ndindex(expected.shape):
        expected[n, h, w, c] = x[n, h // 2, w // 2, (h % 2 * 2 + w % 2) * 2 + c]
    check_values(lambda x: ops.depth_to_space(x, 2), [x], expected)
    check_values(lambda x: ops.space_to_depth(x, 2), [expected], x)


def test_depth_to_space_and_back_with_channels_first() -> None:
    x = np.arange(2 * 8 * 2 * 3.0).reshape(2, 8, 2, 3)
    expected = np.zeros((2, 2, 4, 6))
    for n, c, h, w in np.ndindex(expected.shape):
        expected[n, c, h, w] = x[n, c * 4 + h % 2 * 2 + w % 2, h // 2, w // 2]
    check_values(lambda x: ops.depth_to_space(x, 2, "channels_first"), [x], expected)
    check_values(lambda x: ops.space_to_depth(x, 2, data_format="channels_first"), [expected], x)


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(ShapeMismatch, match="4D"):
        ops.unfold(X[0], 2)
    with pytest.raises(ShapeMismatch, match="3D"):
        ops.fold(X, 2, 2)
    with pytest.raises(ShapeMismatch, match="fold"):
        ops.fold(np.ones((1, 4, 3)), (3, 3), 2)
    with pytest.raises(ShapeMismatch, match="divisible by 4"):
        ops.depth_to_space(X, 2)
    with pytest.raises(ShapeMismatch, match="height 7"):
        ops.space_to_depth(X, 2, "channels_first")
    with pytest.raises(BadValue, match="block_size"):
        ops.space_to_depth(X, 1)
    with pytest.raises(BadValue, match="data_format"):
        ops.space_to_depth(X, 2, "channels")
