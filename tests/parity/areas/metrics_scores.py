"""F-scores, explained variance, correlations, directions, top k, and plain means."""

from __future__ import annotations

from ..area import Area
from ..measuring import Measure, measured, measures

BOTH = ("unweighted", "weighted")
AVERAGES = (None, "micro", "macro", "weighted")

F_SCORES = [
    *(
        case
        for average in AVERAGES
        for case in (
            *measures("F1Score", ("columns", "one-hot"), {"average": average}),
            *measures("F1Score", "columns", {"average": average, "threshold": 0.4}),
            *measures("FBetaScore", "one-hot", {"average": average, "beta": 2.0}),
            *measures("FBetaScore", "columns", {"average": average, "beta": 0.5, "threshold": 0.7}),
            *measures("F1Score", ("all 0", "all 1", "edges"), {"average": average}, weights=("unweighted",)),
        )
    ),
    *measures("F1Score", "column", {"threshold": 0.5, "average": "macro"}),
    *measures("F1Score", "columns", weights=("weights 0",)),
]
EXPLAINED = [
    *(
        case
        for aggregation in (None, "uniform_average", "variance_weighted_average")
        for case in (
            *measures("R2Score", ("real", "good"), {"class_aggregation": aggregation}),
            *measures("R2Score", "real", {"class_aggregation": aggregation}, weights=("each element weighted",)),
            *measures("R2Score", "constant", {"class_aggregation": aggregation}, weights=("unweighted",)),
        )
    ),
    *measures("R2Score", ("real column", "real numbers against a column")),
    *measures("R2Score", "good", {"num_regressors": 2}, {"class_aggregation": None, "num_regressors": 1}),
]
MEANS = [
    *measures("PearsonCorrelation", ("real", "good", "constant"), {}),
    *measures("PearsonCorrelation", "real sequences", {}, {"axis": 1}),
    *measures("ConcordanceCorrelation", ("real", "good", "constant"), {}),
    *measures("ConcordanceCorrelation", "real sequences", {}, {"axis": 1}),
    *measures("CosineSimilarity", ("real", "good", "all 0"), {}),
    *measures("CosineSimilarity", "real sequences", {}, {"axis": 1}),
    *measures("RootMeanSquaredError", ("real", "real column", "real numbers against a column", "real sequences")),
    *measures("RootMeanSquaredError", "real", weights=("each element weighted", "weights in a column", "weights 0")),
    *measures("MeanSquaredError", "real sequences", weights=(*BOTH, "weights in a column", "weights 0")),
    *measures("MeanAbsoluteError", "real numbers against a column"),
    *measures("Accuracy", ("hits and misses", "class numbers")),
    *measures("Accuracy", "hits and misses", weights=("each element weighted", "weights in a column")),
    *measures("BinaryAccuracy", ("columns", "numbers", "numbers against a column", "edges"), {}, {"threshold": 0.25}),
    *measures("BinaryAccuracy", "columns", weights=("each element weighted", "weights in a column", "weights 0")),
    *measures("CategoricalAccuracy", ("one-hot", "one-hot sequences")),
    *measures("SparseCategoricalAccuracy", ("classes", "column of classes", "sequences of classes")),
    *measures("TopKCategoricalAccuracy", ("one-hot", "one-hot sequences"), {"k": 2}, {"k": 1}),
    *measures(
        "SparseTopKCategoricalAccuracy", ("classes", "column of classes", "sequences of classes"), {"k": 2}, {"k": 3}
    ),
    *measures("SparseTopKCategoricalAccuracy", "sorted ids", {"k": 2, "from_sorted_ids": True}),
    *measures("KLDivergence", "one-hot"),
    *measures("Poisson", "columns"),
]

CASES: tuple[Measure, ...] = (*F_SCORES, *EXPLAINED, *MEANS)
AREAS = (Area("metrics of scores", CASES, measured),)
