"""Metrics that count at thresholds: AUC, precision, recall, the four counts, and the best rate under a bound."""

from __future__ import annotations

from ..area import Area
from ..measuring import Measure, measured, measures

FLAT = ("numbers", "column", "numbers against a column", "columns")
EVEN, UNEVEN = [0.0, 0.25, 0.5, 0.75, 1.0], [0.9, 0.1, 0.5]

COUNTS = [
    case
    for part in ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives")
    for case in (
        *measures(part, "columns", {}, {"thresholds": 0.3}, {"thresholds": EVEN}, {"thresholds": UNEVEN}),
        *measures(part, "edges", {}, {"thresholds": EVEN}, weights=("unweighted",)),
    )
]
SHARES = [
    case
    for part in ("Precision", "Recall")
    for case in (
        *measures(part, FLAT),
        *measures(part, "columns", {"thresholds": EVEN}, {"thresholds": UNEVEN}, {"class_id": 1}, {"thresholds": 0.8}),
        *measures(part, "one-hot", {"top_k": 2}, {"top_k": 1, "class_id": 2}, {"top_k": 2, "thresholds": 0.2}),
        *measures(part, "one-hot sequences", {"top_k": 2}, {"class_id": 1}, weights=("unweighted",)),
        *measures(part, "columns", weights=("each element weighted", "weights in a column", "weights 0")),
        *measures(part, ("all 0", "all 1", "edges"), {}, {"thresholds": EVEN}, weights=("unweighted",)),
    )
]
BOUND = {
    "PrecisionAtRecall": "recall",
    "RecallAtPrecision": "precision",
    "SensitivityAtSpecificity": "specificity",
    "SpecificityAtSensitivity": "sensitivity",
}
TRADE_OFFS = [
    case
    for part, bound in BOUND.items()
    for case in (
        *measures(part, "columns", {bound: 0.5}, {bound: 0.9, "num_thresholds": 7}, {bound: 0.4, "class_id": 2}),
        *measures(part, "numbers", {bound: 0.0}, {bound: 1.0}, {bound: 0.5, "num_thresholds": 1}),
        *measures(part, ("edges", "all 0", "all 1"), {bound: 0.3, "num_thresholds": 5}, weights=("unweighted",)),
    )
]
CURVES = ("ROC", "PR", "PRGAIN")
SUMMATIONS = ("interpolation", "minoring", "majoring")
AREAS_UNDER_CURVES = [
    *measures("AUC", FLAT),
    *(
        case
        for curve in CURVES
        for summation in SUMMATIONS
        for case in (
            *measures("AUC", "columns", {"curve": curve, "summation_method": summation}),
            *measures(
                "AUC",
                "columns",
                {"curve": curve, "summation_method": summation, "multi_label": True, "num_thresholds": 5},
                {"curve": curve, "summation_method": summation, "thresholds": UNEVEN},
            ),
            *measures(
                "AUC",
                ("edges", "all 0", "all 1"),
                {"curve": curve, "summation_method": summation, "num_thresholds": 5},
                weights=("unweighted",),
            ),
        )
    ),
    *measures("AUC", "columns of logits", {"from_logits": True}, {"from_logits": True, "curve": "pr"}),
    *measures(
        "AUC", "columns", {"thresholds": [0.25, 0.5, 0.75]}, {"num_thresholds": 2}, {"label_weights": [0.5, 2, 0]}
    ),
    *measures(
        "AUC",
        "columns",
        {"multi_label": True, "num_labels": 3, "label_weights": [0.5, 2.0, 0.25], "num_thresholds": 6},
        {"multi_label": True, "label_weights": [1.0, 0.0, 3.0], "num_thresholds": 6, "curve": "PR"},
        {"multi_label": True, "num_labels": 3, "thresholds": UNEVEN},
    ),
    *measures("AUC", "columns", weights=("each element weighted", "weights in a column", "weights 0")),
    *measures("AUC", "one-hot sequences", weights=("unweighted",)),
]

CASES: tuple[Measure, ...] = (*COUNTS, *SHARES, *TRADE_OFFS, *AREAS_UNDER_CURVES)
AREAS = (Area("metrics at thresholds", CASES, measured),)
