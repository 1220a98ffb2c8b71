"""Convolutions against loops over places; transposes against the transposed linear map."""

import itertools

import numpy as np
import pytest

from kmagic import ops
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.graph.ops.derivatives import grad
from tests.graph.ops.every_way import check_slopes, check_values

GENERATOR = np.random.default_rng(0)
LINE, IMAGE, BODY = (GENERATOR.normal(size=shape) for shape in ((3, 9, 4), (2, 7, 6, 4), (2, 4, 5, 4, 2)))
CALLS = [
    (LINE, (3, 4, 2), {}),
    (LINE, (3, 2, 4), {"strides": 2, "padding": "same"}),
    (LINE, (2, 4, 3), {"dilation_rate": 3, "padding": "same"}),
    (IMAGE, (3, 2, 4, 3), {"strides": (2, 1)}),
    (IMAGE, (3, 3, 4, 3), {"strides": 2, "padding": "same"}),
    (IMAGE, (2, 3, 4, 3), {"dilation_rate": (2, 1), "padding": "SAME"}),
    (IMAGE, (3, 2, 2, 6), {"padding": "same"}),
    (IMAGE, (3, 2, 1, 8), {"strides": 2}),
    (IMAGE, (1, 1, 4, 3), {}),
    (IMAGE[..., :1], (3, 2, 1, 5), {"padding": "same"}),
    (LINE[..., :1], (3, 1, 2), {"strides": 2}),
    (IMAGE, (1, 1, 4, 3), {"strides": (2, 3)}),
    (BODY, (2, 3, 2, 2, 3), {"strides": (1, 2, 1), "padding": "same"}),
]


def each(value, rank):
    return (value,) * rank if isinstance(value, int) else value


def looped(x, kernel, strides=1, padding="valid", dilation_rate=1):
    rank = x.ndim - 2
    strides, dilation = each(strides, rank), each(dilation_rate, rank)
    spans = [(k - 1) * d + 1 for k, d in zip(kernel.shape, dilation, strict=False)]
    if padding.lower() == "same":
        ends = []
        for n, span, step in zip(x.shape[1:-1], spans, strides, strict=True):
            total = max((int(np.ceil(n / step)) - 1) * step + span - n, 0)
            ends.append((total // 2, total - total // 2))
        x = np.pad(x, [(0, 0), *ends, (0, 0)])
    counts = [(n - span) // step + 1 for n, span, step in zip(x.shape[1:-1], spans, strides, strict=True)]
    taken, filters = kernel.shape[-2:]
    groups = x.shape[-1] // taken
    result = np.zeros((len(x), *counts, filters))
    for place in itertools.product(*map(range, counts)):
        for offset in itertools.product(*map(range, kernel.shape[:-2])):
            at = tuple(p * s + o * d for p, s, o, d in zip(place, strides, offset, dilation, strict=True))
            for f in range(filters):
                group = f // (filters // groups)
                seen = x[(slice(None), *at, slice(group * taken, (group + 1) * taken))]
                result[(slice(None), *place, f)] += seen @ kernel[(*offset, slice(None), f)]
    return result


@pytest.mark.parametrize(("x", "shape", "options"), CALLS)
def test_conv(x, shape, options) -> None:
    kernel = GENERATOR.normal(size=shape)
    check_values(lambda x: ops.conv(x, kernel, **options), [x], looped(x, kernel, **options))
    check_slopes(lambda x, k: ops.conv(x, k, **options), [x, kernel])


@pytest.mark.parametrize(("x", "shape", "options"), CALLS)
def test_channels_may_come_first(x, shape, options) -> None:
    kernel = GENERATOR.normal(size=shape)
    found = ops.conv(np.moveaxis(x, -1, 1), kernel, data_format="channels_first", **options)
    np.testing.assert_allclose(np.moveaxis(found, 1, -1), ops.conv(x, kernel, **options), rtol=1e-12)


@pytest.mark.parametrize(("shape", "options"), [((3, 2, 4, 1), {}), ((2, 3, 4, 3), {"strides": 2, "padding": "same"})])
def test_depthwise_conv_keeps_channels_apart(shape, options) -> None:
    kernel = GENERATOR.normal(size=shape)
    alone = [looped(IMAGE[..., c : c + 1], kernel[:, :, c : c + 1], **options) for c in range(4)]
    expected = np.concatenate(alone, -1)
    check_values(lambda x: ops.depthwise_conv(x, kernel, **options), [IMAGE], expected)
    check_slopes(lambda x, k: ops.depthwise_conv(x, k, **options), [IMAGE, kernel])


def test_separable_conv_mixes_after() -> None:
    deep, mix = GENERATOR.normal(size=(3, 2, 4, 2)), GENERATOR.normal(size=(1, 1, 8, 3))
    expected = ops.depthwise_conv(IMAGE, deep, 2) @ mix[0, 0]
    check_values(lambda x: ops.separable_conv(x, deep, mix, 2), [IMAGE], expected)
    check_slopes(lambda x, d, m: ops.separable_conv(x, d, m, padding="same"), [IMAGE, deep, mix])


@pytest.mark.parametrize(("stride", "kernel"), [(1, 3), (2, 3), (3, 2), (2, 2)])
def test_conv_transpose_is_the_transposed_map(stride, kernel) -> None:
    """⟨conv(x), y⟩ = ⟨x, conv_transpose(y)⟩ where windows fill the axis."""
    weights = GENERATOR.normal(size=(kernel, kernel, 4, 5))
    small = GENERATOR.normal(size=(2, 3, 4, 5))
    sizes = [(n - 1) * stride + max(kernel, stride) for n in (3, 4)]
    x = GENERATOR.normal(size=(2, *sizes, 4))
    spread = ops.conv_transpose(small, weights, stride)
    assert spread.shape == x.shape
    np.testing.assert_allclose(np.sum(ops.conv(x, weights, stride)[:, :3, :4] * small), np.sum(x * spread), rtol=1e-12)
    check_slopes(lambda y, w: ops.conv_transpose(y, w, stride), [small, weights])


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"strides": 2}, 9),
        ({"strides": 5}, 20),
        ({"strides": 2, "output_padding": 1}, 10),
        ({"strides": 2, "padding": "same"}, 8),
        ({"strides": 4, "padding": "same"}, 16),
        ({"strides": 2, "padding": "same", "output_padding": 0}, 7),
        ({"dilation_rate": 2}, 8),
    ],
)
def test_sizes_of_conv_transpose(options, size) -> None:
    x, kernel = np.ones((2, 4, 3)), np.ones((3, 5, 3))
    assert ops.conv_transpose(x, kernel, **options).shape == (2, size, 5)


def test_second_derivatives() -> None:
    kernel = GENERATOR.normal(size=(3, 2, 4, 3))
    weights = GENERATOR.normal(size=(2, 3, 5, 3))

    def slope(x):
        return grad(lambda x: ops.sum(ops.tanh(ops.conv(x, kernel, (2, 1))) * weights))(x)

    check_slopes(slope, [IMAGE])


def test_what_does_not_fit_is_refused() -> None:
    kernel = np.ones((3, 3, 4, 6))
    for wrong, message in (
        (lambda: ops.conv(IMAGE[..., :3], kernel), "3 channels for a kernel"),
        (lambda: ops.conv(np.ones((2, 7, 6, 12)), kernel[..., :4]), "12 channels"),
        (lambda: ops.conv(LINE, kernel), "as many axes"),
        (lambda: ops.conv(np.ones((2, 3)), kernel), "3 to 5 axes"),
        (lambda: ops.conv(IMAGE[:, :2], kernel), "an axis of 2 under a window of 3"),
        (lambda: ops.depthwise_conv(IMAGE[..., :3], kernel), "expected: 4 channels"),
        (lambda: ops.conv_transpose(IMAGE, kernel), "expected: 6 channels"),
    ):
        with pytest.raises(ShapeMismatch, match=message):
            wrong()
    for options in ({"strides": 0}, {"strides": (1, 2, 3)}, {"padding": "causal"}, {"data_format": "last"}):
        with pytest.raises(BadValue, match=next(iter(options))):
            ops.conv(IMAGE, kernel, **options)
    with pytest.raises(BadValue, match="output_padding"):
        ops.conv_transpose(IMAGE, np.ones((3, 3, 2, 4)), output_padding=-1)
