"""Metrics of overlap: intersection over union of classes.

Keras refuses weights of samples where a sample has several classes, and its result fails for an axis other than -1.
"""

from __future__ import annotations

from ..area import Area
from ..measuring import Measure, measured, measures

WHOLE = ("unweighted", "weighted by whole numbers")
ELEMENTS = ("unweighted", "each element weighted by whole numbers")
PLAIN = ("unweighted",)
TWO = {"num_classes": 4, "target_class_ids": [0, 2]}
FOUR = {"num_classes": 4}
MAPS = ("maps", "maps with classes beyond")

CASES: tuple[Measure, ...] = (
    *measures("IoU", "class numbers", {"num_classes": 3, "target_class_ids": [0, 2]}, weights=WHOLE),
    *measures("IoU", MAPS, TWO, {**TWO, "ignore_class": 2}, {**TWO, "ignore_class": -1}, weights=ELEMENTS),
    *measures("IoU", "maps", {**TWO, "dtype": "float64"}, weights=("each element weighted",)),
    *measures("IoU", "one-hot maps", {**TWO, "sparse_y_true": False, "sparse_y_pred": False}, weights=PLAIN),
    *measures("MeanIoU", "class numbers", {"num_classes": 3}, {"num_classes": 6}, weights=WHOLE),
    *measures("MeanIoU", MAPS, FOUR, {**FOUR, "ignore_class": 0}, weights=ELEMENTS),
    *measures("MeanIoU", "one-hot maps against classes", {**FOUR, "sparse_y_true": False}, weights=PLAIN),
    *measures("BinaryIoU", "numbers", {}, {"threshold": 0.3}, {"target_class_ids": [1]}, weights=WHOLE),
    *measures("BinaryIoU", "columns", {}, {"threshold": 0.3}, {"target_class_ids": [1]}, weights=ELEMENTS),
    *measures("BinaryIoU", ("edges", "all 0", "all 1"), weights=PLAIN),
    *measures("OneHotIoU", "one-hot", TWO, {**TWO, "ignore_class": 1}, weights=WHOLE),
    *measures("OneHotIoU", "one-hot maps", TWO, {**TWO, "dtype": "float64"}, weights=PLAIN),
    *measures("OneHotIoU", "one-hot maps against classes", {**TWO, "sparse_y_pred": True}, weights=PLAIN),
    *measures("OneHotMeanIoU", "one-hot", FOUR, {**FOUR, "ignore_class": 3}, weights=WHOLE),
    *measures("OneHotMeanIoU", "one-hot maps", FOUR, weights=PLAIN),
)
AREAS = (Area("metrics of overlap", CASES, measured),)
