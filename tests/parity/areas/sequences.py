"""Embeddings and masks, and normalizations."""

from __future__ import annotations

from ..area import Area
from ..layer_steps import StepCase, layer_steps

ROWS, TEXT, IMAGES = ((4, 3),), ((3, 4, 2),), ((2, 3, 2, 4),)

EMBEDDINGS = (
    StepCase("Embedding", {"input_dim": 5, "output_dim": 2}, ((3, 4),), whole=5),
    StepCase("Embedding", {"input_dim": 5, "output_dim": 2, "mask_zero": True}, ((3, 4),), whole=5),
    StepCase("ReversibleEmbedding", {"input_dim": 5, "output_dim": 2, "mask_zero": True}, ((3, 4),), whole=5),
    *(
        StepCase("ReversibleEmbedding", {"input_dim": 5, "output_dim": 2, **options}, ((3, 2),), {"reverse": True})
        for options in ({}, {"logit_soft_cap": 0.7}, {"tie_weights": False, "embeddings_regularizer": "l2"})
    ),
    StepCase("Identity", {}, ((3, 4, 2),), padded=True),
    StepCase(
        "Embedding",
        {
            "input_dim": 5,
            "output_dim": 2,
            "embeddings_initializer": "ones",
            "embeddings_regularizer": "l2",
            "embeddings_constraint": "non_neg",
        },
        ((3, 2, 2),),
        whole=5,
    ),
    StepCase("Masking", {}, TEXT, padded=True),
    StepCase("Masking", {"mask_value": 0.5}, TEXT),
)

NORMALIZATIONS = (
    StepCase("BatchNormalization", {}, ROWS),
    StepCase("BatchNormalization", {"momentum": 0.6, "epsilon": 0.1}, IMAGES),
    StepCase("BatchNormalization", {"axis": 1}, IMAGES),
    StepCase("BatchNormalization", {"center": False, "scale": False}, TEXT),
    StepCase("BatchNormalization", {"scale": False, "beta_regularizer": "l2", "beta_constraint": "non_neg"}, ROWS),
    StepCase("BatchNormalization", {"center": False, "gamma_initializer": "zeros"}, ROWS),
    StepCase("BatchNormalization", {"trainable": False}, ROWS),
    StepCase("BatchNormalization", {"momentum": 0.5}, TEXT, padded=True),
    StepCase("BatchNormalization", {"renorm": True}, TEXT),
    StepCase(
        "BatchNormalization",
        {"renorm": True, "renorm_clipping": {"rmax": 1.1, "rmin": 0.9, "dmax": 0.1}, "renorm_momentum": 0.8},
        ROWS,
    ),
    StepCase("BatchNormalization", {"renorm": True, "scale": False, "center": False}, ROWS),
    StepCase("LayerNormalization", {}, ROWS),
    StepCase("LayerNormalization", {"axis": [1, 2]}, TEXT),
    StepCase("LayerNormalization", {"axis": [1, 2, 3], "epsilon": 0.1}, IMAGES),
    StepCase("LayerNormalization", {"center": False}, TEXT, padded=True),
    StepCase("LayerNormalization", {"scale": False, "center": False}, TEXT),
    StepCase("GroupNormalization", {"groups": 2}, IMAGES),
    StepCase("GroupNormalization", {"groups": 3, "axis": 1, "center": False}, IMAGES),
    StepCase("GroupNormalization", {"groups": -1, "epsilon": 0.1}, IMAGES),
    StepCase("GroupNormalization", {"groups": 1, "scale": False}, TEXT, padded=True),
    StepCase("RMSNormalization", {}, ROWS),
    StepCase("RMSNormalization", {"axis": [1, 2], "epsilon": 0.1}, TEXT),
    StepCase("UnitNormalization", {}, ROWS),
    StepCase("UnitNormalization", {"axis": [1, 2]}, TEXT, padded=True),
)

AREAS = (Area("layers of sequences", (*EMBEDDINGS, *NORMALIZATIONS), layer_steps),)
