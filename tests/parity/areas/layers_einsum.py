"""EinsumDense: weighted sums over any axes."""

from __future__ import annotations

from ..area import Area
from ..layer_steps import StepCase, layer_steps

TEXT, DEEP = ((2, 3, 4),), ((2, 3, 2, 4),)

# with more than two axes left alone Keras announces them in the wrong order
CASES = (
    StepCase("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 3}, ((3, 4),)),
    StepCase("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (3, 2), "bias_axes": "d"}, TEXT),
    StepCase("EinsumDense", {"equation": "abc,bcd->ad", "output_shape": 2, "bias_axes": "d"}, TEXT),
    StepCase("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (3, 2, 3), "bias_axes": "de"}, TEXT),
    StepCase("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (3, 2, 3), "bias_axes": "be"}, TEXT),
    StepCase("EinsumDense", {"equation": "abcd,cde->abe", "output_shape": (3, 3), "activation": "relu"}, DEEP),
    StepCase("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 3, "bias_axes": "y"}, TEXT),
    StepCase("EinsumDense", {"equation": "...cd,cde->...e", "output_shape": 2}, DEEP),
    StepCase("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": 2, "bias_axes": "c"}, TEXT),
    StepCase(
        "EinsumDense",
        {
            "equation": "abc,cd->abd",
            "output_shape": (3, 2),
            "bias_axes": "bd",
            "kernel_initializer": "he_normal",
            "bias_initializer": "ones",
            "kernel_regularizer": "l2",
            "bias_regularizer": "l1",
            "kernel_constraint": "non_neg",
            "bias_constraint": "unit_norm",
        },
        TEXT,
    ),
)

AREAS = (Area("dense layers by equation", CASES, layer_steps),)
