"""Windowed operations: convolutions and pools of one to three axes, with their gradients by inputs and kernels."""

from __future__ import annotations

import numpy as np

from .. import inputs
from ..area import Area
from ..operations import OperationCase, values_and_slopes


def _normal(name: str, *shape: int) -> np.ndarray:
    return inputs.normal("operations on windows", name, shape=shape)


LINE, IMAGE, BODY = _normal("line", 2, 7, 4), _normal("image", 2, 6, 5, 4), _normal("body", 1, 4, 3, 5, 2)
FIRST = _normal("first", 2, 4, 6, 5)  # channels first
ON_LINE, ON_IMAGE, ON_BODY = _normal("k1", 3, 4, 3), _normal("k2", 3, 2, 4, 3), _normal("k3", 2, 2, 3, 2, 3)
GROUPS, ALONE = _normal("groups", 2, 3, 2, 6), _normal("alone", 3, 2, 1, 8)
BACK_LINE, BACK_IMAGE = _normal("b1", 3, 3, 4), _normal("b2", 3, 2, 3, 4)
BACK_BODY = _normal("b3", 2, 2, 3, 3, 2)
DEEP_LINE, DEEP_IMAGE, DEEP_TWICE = _normal("d1", 3, 4, 1), _normal("d2", 3, 2, 4, 1), _normal("d3", 2, 3, 4, 2)
MIX_LINE, MIX_IMAGE = _normal("m1", 1, 4, 3), _normal("m2", 1, 1, 8, 3)
# equal largest entries: which one the gradient goes to
TIES = np.array([1.0, 1.0, 0.0, 2.0, 2.0, 2.0, 0.0, 0.0, 1.0, 1.0, 3.0, 3.0]).reshape(1, 3, 4, 1)

CONVOLUTIONS = (
    ("conv", (LINE, ON_LINE), {}),
    ("conv", (LINE, ON_LINE), {"strides": 2, "padding": "same"}),
    ("conv", (LINE, ON_LINE), {"dilation_rate": 2, "padding": "same"}),
    ("conv", (IMAGE, ON_IMAGE), {}),
    ("conv", (IMAGE, ON_IMAGE), {"strides": (2, 1), "padding": "same"}),
    ("conv", (IMAGE, ON_IMAGE), {"padding": "same", "dilation_rate": (2, 1)}),
    ("conv", (FIRST, ON_IMAGE), {"padding": "same", "data_format": "channels_first"}),
    ("conv", (IMAGE, GROUPS), {"strides": 2}),
    ("conv", (IMAGE, ALONE), {"padding": "same"}),
    ("conv", (IMAGE, ON_IMAGE[:1, :1]), {}),
    ("conv", (IMAGE, ON_IMAGE[:1, :1]), {"strides": 2}),
    ("conv", (BODY, ON_BODY), {}),
    ("conv", (BODY, ON_BODY), {"strides": 2, "padding": "same"}),
    ("conv_transpose", (LINE, BACK_LINE), {"strides": 2}),
    ("conv_transpose", (IMAGE, BACK_IMAGE), {}),
    ("conv_transpose", (IMAGE, BACK_IMAGE), {"strides": 2, "padding": "same"}),
    ("conv_transpose", (IMAGE, BACK_IMAGE), {"strides": (3, 4), "padding": "same"}),
    ("conv_transpose", (IMAGE, BACK_IMAGE), {"strides": 3}),
    ("conv_transpose", (IMAGE, BACK_IMAGE), {"strides": 2, "output_padding": 1}),
    ("conv_transpose", (IMAGE, BACK_IMAGE), {"strides": 2, "padding": "same", "output_padding": (0, 1)}),
    ("conv_transpose", (IMAGE, BACK_IMAGE), {"padding": "same", "dilation_rate": 2}),
    ("conv_transpose", (FIRST, BACK_IMAGE), {"strides": 2, "padding": "same", "data_format": "channels_first"}),
    ("conv_transpose", (BODY, BACK_BODY), {"strides": 2}),
    ("depthwise_conv", (LINE, DEEP_LINE), {"strides": 2}),
    ("depthwise_conv", (IMAGE, DEEP_IMAGE), {"padding": "same"}),
    ("depthwise_conv", (IMAGE, DEEP_TWICE), {"strides": 2, "padding": "same"}),
    ("depthwise_conv", (FIRST, DEEP_TWICE), {"dilation_rate": 2, "data_format": "channels_first"}),
    ("separable_conv", (LINE, DEEP_LINE, MIX_LINE), {"padding": "same"}),
    ("separable_conv", (IMAGE, DEEP_TWICE, MIX_IMAGE), {"strides": 2}),
)
# Keras on JAX refuses a call of a pool without strides
POOLS = (
    ("max_pool", LINE, {"pool_size": 2, "strides": 2}),
    ("max_pool", IMAGE, {"pool_size": 2, "strides": 2}),
    ("max_pool", IMAGE, {"pool_size": (3, 2), "strides": (1, 2), "padding": "same"}),
    ("max_pool", IMAGE, {"pool_size": 3, "strides": 2}),
    ("max_pool", FIRST, {"pool_size": 2, "strides": 2, "padding": "same", "data_format": "channels_first"}),
    ("max_pool", BODY, {"pool_size": 2, "strides": 2, "padding": "same"}),
    ("max_pool", TIES, {"pool_size": 2, "strides": 1}),
    ("max_pool", TIES, {"pool_size": (3, 4), "strides": 1}),
    ("average_pool", LINE, {"pool_size": 3, "strides": 2, "padding": "same"}),
    ("average_pool", IMAGE, {"pool_size": 2, "strides": 2}),
    ("average_pool", IMAGE, {"pool_size": (3, 2), "strides": (1, 2), "padding": "same"}),
    ("average_pool", FIRST, {"pool_size": 3, "strides": 1, "data_format": "channels_first"}),
    ("average_pool", BODY, {"pool_size": 2, "strides": 2, "padding": "same"}),
    ("adaptive_average_pool", LINE, {"output_size": 3}),
    ("adaptive_average_pool", IMAGE, {"output_size": (4, 2)}),
    ("adaptive_average_pool", FIRST, {"output_size": 4, "data_format": "channels_first"}),
    ("adaptive_average_pool", BODY, {"output_size": (3, 3, 2)}),
    ("adaptive_max_pool", LINE, {"output_size": 3}),
    ("adaptive_max_pool", IMAGE, {"output_size": (4, 2)}),
    ("adaptive_max_pool", FIRST, {"output_size": 4, "data_format": "channels_first"}),
    ("adaptive_max_pool", BODY, {"output_size": (3, 3, 2)}),
)
CASES = (
    *(OperationCase(part, arrays, arguments, slopes=len(arrays)) for part, arrays, arguments in CONVOLUTIONS),
    *(OperationCase(part, (array,), arguments) for part, array, arguments in POOLS),
)

AREAS = (Area("operations on windows", CASES, values_and_slopes),)
