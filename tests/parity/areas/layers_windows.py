"""Layers of windows: convolutions and pools, padding, cropping and enlarging."""

from __future__ import annotations

from ..area import Area
from ..layer_steps import StepCase, layer_steps

LINE, IMAGE, BODY = ((2, 6, 3),), ((2, 5, 4, 2),), ((2, 3, 4, 3, 2),)
FIRST_LINE, FIRST_IMAGE, FIRST_BODY = ((2, 3, 6),), ((2, 2, 5, 4),), ((2, 2, 3, 4, 3),)
FIRST = {"data_format": "channels_first"}

CONVOLUTIONS = (
    StepCase("Conv1D", {"filters": 2, "kernel_size": 3}, LINE),
    StepCase("Conv1D", {"filters": 2, "kernel_size": 2, "padding": "causal", "dilation_rate": 2}, LINE),
    StepCase("Conv1D", {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same", "groups": 3}, LINE),
    StepCase("Conv1D", {"filters": 2, "kernel_size": 2, "padding": "causal", **FIRST}, FIRST_LINE),
    StepCase("Conv2D", {"filters": 3, "kernel_size": (3, 2), "activation": "relu"}, IMAGE),
    StepCase("Conv2D", {"filters": 2, "kernel_size": 3, "strides": (2, 1), "padding": "same"}, IMAGE),
    StepCase("Conv2D", {"filters": 2, "kernel_size": 2, "padding": "same", "dilation_rate": (1, 2)}, IMAGE),
    StepCase("Conv2D", {"filters": 4, "kernel_size": 2, "groups": 2, "use_bias": False}, IMAGE),
    StepCase("Conv2D", {"filters": 2, "kernel_size": 3, "padding": "same", **FIRST}, FIRST_IMAGE),
    StepCase(
        "Conv2D",
        {
            "filters": 2,
            "kernel_size": 1,
            "kernel_initializer": "he_normal",
            "bias_initializer": "ones",
            "kernel_regularizer": "l2",
            "bias_regularizer": "l1",
            "activity_regularizer": "l2",
            "kernel_constraint": "non_neg",
            "bias_constraint": "non_neg",
        },
        IMAGE,
    ),
    StepCase("Conv2D", {"filters": 2, "kernel_size": 2, "trainable": False}, IMAGE),
    StepCase("Conv3D", {"filters": 2, "kernel_size": 2}, BODY),
    StepCase("Conv3D", {"filters": 2, "kernel_size": (1, 2, 3), "strides": 2, "padding": "same"}, BODY),
    StepCase("Conv3D", {"filters": 1, "kernel_size": 2, **FIRST}, FIRST_BODY),
)
OTHER_CONVOLUTIONS = (
    StepCase("Conv1DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2}, LINE),
    StepCase("Conv1DTranspose", {"filters": 2, "kernel_size": 2, "padding": "same", **FIRST}, FIRST_LINE),
    StepCase("Conv2DTranspose", {"filters": 3, "kernel_size": (3, 2), "activation": "relu"}, IMAGE),
    StepCase("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}, IMAGE),
    StepCase("Conv2DTranspose", {"filters": 1, "kernel_size": 3, "strides": 2, "output_padding": 1}, IMAGE),
    StepCase("Conv2DTranspose", {"filters": 2, "kernel_size": 2, "dilation_rate": 2, **FIRST}, FIRST_IMAGE),
    StepCase("Conv3DTranspose", {"filters": 1, "kernel_size": 2, "strides": (1, 2, 2), "use_bias": False}, BODY),
    StepCase("DepthwiseConv1D", {"kernel_size": 3, "padding": "same"}, LINE),
    StepCase("DepthwiseConv1D", {"kernel_size": 2, "depth_multiplier": 2, "strides": 2}, LINE),
    StepCase("DepthwiseConv2D", {"kernel_size": (3, 2), "activation": "tanh"}, IMAGE),
    StepCase(
        "DepthwiseConv2D",
        {
            "kernel_size": 2,
            "depth_multiplier": 2,
            "padding": "same",
            "depthwise_initializer": "he_uniform",
            "depthwise_regularizer": "l2",
            "depthwise_constraint": "non_neg",
            **FIRST,
        },
        FIRST_IMAGE,
    ),
    StepCase("SeparableConv1D", {"filters": 2, "kernel_size": 2, "dilation_rate": 2}, LINE),
    StepCase("SeparableConv2D", {"filters": 3, "kernel_size": 3, "depth_multiplier": 2, "padding": "same"}, IMAGE),
    StepCase(
        "SeparableConv2D",
        {"filters": 2, "kernel_size": 2, "strides": 2, "pointwise_regularizer": "l1", **FIRST},
        FIRST_IMAGE,
    ),
)
POOLS = (
    StepCase("MaxPooling1D", {}, LINE),
    StepCase("MaxPooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, LINE),
    StepCase("MaxPooling1D", {"pool_size": 2, **FIRST}, FIRST_LINE),
    StepCase("MaxPooling2D", {}, IMAGE),
    StepCase("MaxPooling2D", {"pool_size": (3, 2), "strides": (1, 2), "padding": "same"}, IMAGE),
    StepCase("MaxPooling2D", {"pool_size": 2, "padding": "same", **FIRST}, FIRST_IMAGE),
    StepCase("MaxPooling3D", {}, BODY),
    StepCase("MaxPooling3D", {"pool_size": 2, "strides": 1, "padding": "same"}, BODY),
    StepCase("AveragePooling1D", {"pool_size": 2}, LINE),
    StepCase("AveragePooling1D", {"pool_size": 3, "strides": 1, "padding": "same", **FIRST}, FIRST_LINE),
    StepCase("AveragePooling2D", {"pool_size": 2}, IMAGE),
    StepCase("AveragePooling2D", {"pool_size": 3, "strides": (1, 1), "padding": "same"}, IMAGE),
    StepCase("AveragePooling3D", {"pool_size": (2, 2, 1)}, BODY),
    StepCase("GlobalMaxPooling1D", {}, LINE),
    StepCase("GlobalMaxPooling1D", {"keepdims": True, **FIRST}, FIRST_LINE),
    StepCase("GlobalMaxPooling2D", {}, IMAGE),
    StepCase("GlobalMaxPooling2D", {"keepdims": True, **FIRST}, FIRST_IMAGE),
    StepCase("GlobalMaxPooling3D", {"keepdims": True}, BODY),
    StepCase("GlobalAveragePooling1D", {}, LINE),
    StepCase("GlobalAveragePooling1D", {}, LINE, padded=True),
    StepCase("GlobalAveragePooling1D", {"keepdims": True, **FIRST}, FIRST_LINE),
    StepCase("GlobalAveragePooling2D", {}, IMAGE),
    StepCase("GlobalAveragePooling2D", {"keepdims": True, **FIRST}, FIRST_IMAGE),
    StepCase("GlobalAveragePooling3D", {}, BODY),
)
ADAPTIVE = (
    *(StepCase(f"Adaptive{how}Pooling1D", {"output_size": 4}, LINE) for how in ("Average", "Max")),
    *(StepCase(f"Adaptive{how}Pooling2D", {"output_size": (2, 3), **FIRST}, FIRST_IMAGE) for how in ("Average", "Max")),
    *(StepCase(f"Adaptive{how}Pooling3D", {"output_size": 2}, BODY) for how in ("Average", "Max")),
)
EDGES = (
    StepCase("ZeroPadding1D", {}, LINE),
    StepCase("ZeroPadding1D", {"padding": (0, 2), **FIRST}, FIRST_LINE),
    StepCase("ZeroPadding2D", {}, IMAGE),
    StepCase("ZeroPadding2D", {"padding": 2}, IMAGE),
    StepCase("ZeroPadding2D", {"padding": ((1, 0), (2, 1)), **FIRST}, FIRST_IMAGE),
    StepCase("ZeroPadding3D", {}, BODY),
    StepCase("ZeroPadding3D", {"padding": (0, 1, 2)}, BODY),
    StepCase("Cropping1D", {}, LINE),
    StepCase("Cropping1D", {"cropping": 2}, LINE),
    StepCase("Cropping2D", {}, IMAGE),
    StepCase("Cropping2D", {"cropping": ((1, 2), (0, 1))}, IMAGE),
    StepCase("Cropping2D", {"cropping": (1, 1), **FIRST}, FIRST_IMAGE),
    StepCase("Cropping3D", {"cropping": ((0, 1), (1, 0), (1, 1))}, BODY),
    StepCase("UpSampling1D", {}, LINE),
    StepCase("UpSampling1D", {"size": 3}, LINE),
    StepCase("UpSampling2D", {}, IMAGE),
    StepCase("UpSampling2D", {"size": (1, 3), **FIRST}, FIRST_IMAGE),
    StepCase("UpSampling2D", {"size": (2, 3), "interpolation": "bilinear"}, IMAGE),
    StepCase("UpSampling2D", {"interpolation": "bicubic"}, IMAGE),
    StepCase("UpSampling3D", {}, BODY),
    StepCase("UpSampling3D", {"size": (1, 2, 3), **FIRST}, FIRST_BODY),
)

AREAS = (Area("layers of windows", (*CONVOLUTIONS, *OTHER_CONVOLUTIONS, *POOLS, *ADAPTIVE, *EDGES), layer_steps),)
