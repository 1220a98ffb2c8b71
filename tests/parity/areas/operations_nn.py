"""Operations of networks: activations away from corners, crossentropies, normalizations, attention and patches."""

from __future__ import annotations

import numpy as np

from .. import inputs
from ..area import Area
from ..operations import OperationCase, values_and_slopes

# around the corners of every activation, and far out
POINTS = np.array(
    [
        [-30.0, -6.2, -3.1, -2.2, -1.1, -0.7],
        [-0.3, -0.05, 0.05, 0.3, 0.7, 1.1],
        [2.2, 3.1, 6.2, 30.0, 0.45, -0.45],
    ]
)
ACTIVATIONS = (
    ("relu", {}),
    ("relu6", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.05}),
    ("elu", {}),
    ("elu", {"alpha": 0.5}),
    ("selu", {}),
    ("celu", {}),
    ("celu", {"alpha": 0.5}),
    ("gelu", {}),
    ("gelu", {"approximate": False}),
    ("sigmoid", {}),
    ("log_sigmoid", {}),
    ("hard_sigmoid", {}),
    ("hard_silu", {}),
    ("hard_swish", {}),
    ("hard_tanh", {}),
    ("silu", {}),
    ("swish", {}),
    ("softplus", {}),
    ("softsign", {}),
    ("squareplus", {}),
    ("squareplus", {"b": 1.0}),
    ("sparse_plus", {}),
    ("sparse_sigmoid", {}),
    ("tanh_shrink", {}),
    ("soft_shrink", {}),
    ("soft_shrink", {"threshold": 1.5}),
    ("hard_shrink", {}),
    ("hard_shrink", {"threshold": 1.5}),
    ("threshold", {"threshold": 0.5, "default_value": -2.0}),
    ("glu", {}),
    ("glu", {"axis": 1}),
    ("softmax", {}),
    ("softmax", {"axis": (0, 1)}),
    ("log_softmax", {"axis": 0}),
)


def _normal(name: str, *shape: int) -> np.ndarray:
    return inputs.normal("operations of networks", name, shape=shape)


LOGITS = _normal("logits", 3, 2, 4)
SHARES = inputs.softmax(LOGITS)
ODDS = inputs.sigmoid(LOGITS)
LABELS = np.array([[0, 3], [2, 1], [3, 3]], "int32")
ONE_HOT = np.eye(4)[LABELS]
SOFT = inputs.sigmoid(_normal("soft", 3, 2, 4))
X = _normal("x", 3, 4, 5)
ROW, COLUMN = _normal("row", 5), _normal("column", 4)
IMAGES = _normal("images", 2, 4, 6, 4)
QUERY, KEY, VALUE = (_normal(name, 2, steps, 4, 3) for name, steps in (("query", 3), ("key", 5), ("value", 5)))
BIAS = _normal("bias", 2, 4, 3, 5)
MASK = _normal("mask", 2, 4, 3, 5) > -0.5

CROSSENTROPIES = (
    OperationCase("binary_crossentropy", (SOFT, ODDS), slopes=2),
    OperationCase("binary_crossentropy", (SOFT, LOGITS), {"from_logits": True}, slopes=2),
    OperationCase("categorical_crossentropy", (ONE_HOT, SHARES), slopes=2),
    OperationCase("categorical_crossentropy", (ONE_HOT, 3 * SHARES + 0.1), {"axis": 1}, slopes=2),
    OperationCase("categorical_crossentropy", (ONE_HOT, LOGITS), {"from_logits": True}, slopes=2),
    OperationCase("sparse_categorical_crossentropy", (LABELS, SHARES), slopes=0),
    OperationCase("sparse_categorical_crossentropy", (LABELS, LOGITS), {"from_logits": True}, slopes=0),
)
ENCODINGS = (
    OperationCase("one_hot", (LABELS,), {"num_classes": 4}, slopes=0),
    OperationCase("multi_hot", (LABELS,), {"num_classes": 5}, slopes=0),
)
NORMALIZATIONS = (
    OperationCase("moments", (X,), {"axes": [0, 2]}),
    OperationCase("moments", (X,), {"axes": [-1], "keepdims": True}),
    OperationCase("batch_normalization", (X, ROW, ROW**2), {"axis": -1}, slopes=3),
    OperationCase(
        "batch_normalization",
        (X, COLUMN, COLUMN**2),
        {"axis": 1, "offset": COLUMN, "scale": COLUMN + 2, "epsilon": 0.01},
        slopes=3,
    ),
    OperationCase("layer_normalization", (X,)),
    OperationCase("layer_normalization", (X, ROW, ROW + 1), {"epsilon": 0.1}, slopes=3),
    OperationCase("layer_normalization", (X, _normal("plane", 4, 5)), {"axis": (1, 2)}, slopes=2),
    OperationCase("rms_normalization", (X,)),
    OperationCase("rms_normalization", (X, ROW), {"axis": -1, "epsilon": 0.1}, slopes=2),
    OperationCase("normalize", (X,)),
    OperationCase("normalize", (X,), {"axis": 1, "order": 1}),
    OperationCase("normalize", (X,), {"order": 3}),
    OperationCase("psnr", (X, X + 0.1 * _normal("noise", 3, 4, 5)), {"max_val": 2.0}, slopes=2),
)
ATTENTIONS = (
    OperationCase("dot_product_attention", (QUERY, KEY, VALUE), slopes=3),
    OperationCase("dot_product_attention", (QUERY, KEY, VALUE), {"bias": BIAS, "scale": 0.4}, slopes=3),
    OperationCase("dot_product_attention", (QUERY, KEY, VALUE), {"mask": MASK}, slopes=3),
    OperationCase("dot_product_attention", (QUERY, KEY[:, :3], VALUE[:, :3]), {"is_causal": True}, slopes=3),
)
PATCHES = (
    OperationCase("unfold", (IMAGES,), {"kernel_size": (2, 3)}),
    OperationCase("unfold", (IMAGES,), {"kernel_size": 2, "dilation": 2, "padding": 1, "stride": 2}),
    OperationCase("fold", (_normal("patches", 2, 12, 12),), {"output_size": (4, 5), "kernel_size": 2}),
    OperationCase(
        "fold", (_normal("strided", 2, 8, 9),), {"output_size": (4, 5), "kernel_size": 2, "padding": 1, "stride": 2}
    ),
    OperationCase("depth_to_space", (IMAGES,), {"block_size": 2}),
    OperationCase("depth_to_space", (IMAGES,), {"block_size": 2, "data_format": "channels_first"}),
    OperationCase("space_to_depth", (IMAGES,), {"block_size": 2}),
    OperationCase("space_to_depth", (IMAGES,), {"block_size": 2, "data_format": "channels_first"}),
)
CASES = (
    *(OperationCase(part, (POINTS,), arguments) for part, arguments in ACTIVATIONS),
    *CROSSENTROPIES,
    *ENCODINGS,
    *NORMALIZATIONS,
    *ATTENTIONS,
    *PATCHES,
)

AREAS = (Area("operations of networks", CASES, values_and_slopes),)
