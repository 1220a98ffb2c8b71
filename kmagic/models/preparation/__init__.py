"""Preparation: what a model does to the user's own data before it sees them, and to its answers afterwards.

Steps are plain data and stay with the model (`model.preparation`), so that `fit`, `evaluate` and `predict` take the
data as the user has them: text labels, columns with gaps, numbers in thousands. The fixes of `kmagic.diagnose` add
them.

Chosen: steps beside the model, because labels and rows cannot be layers: a layer sees neither targets nor which rows
there are. What can be a layer (`Rescaling`, `Normalization`) stays one.
"""

from kmagic.models.preparation.columns import Column, Shares, SplitColumns
from kmagic.models.preparation.features import FillMissing, Standardize
from kmagic.models.preparation.labels import ClassNumbers, MapLabels, OneHot
from kmagic.models.preparation.layout import PadRows, ReshapeRows, Transpose
from kmagic.models.preparation.rows import DropLabel, DropMissing, ShuffleRows, TakeRows, UniqueRows
from kmagic.models.preparation.step import Preparation, Step
from kmagic.models.preparation.tables import CountDays, DropColumns, OneHotColumns, ReadNumbers, ReplaceNumber
from kmagic.models.preparation.targets import ScaleTargets

__all__ = [
    "ClassNumbers",
    "Column",
    "CountDays",
    "DropColumns",
    "DropLabel",
    "DropMissing",
    "FillMissing",
    "MapLabels",
    "OneHot",
    "OneHotColumns",
    "PadRows",
    "Preparation",
    "ReadNumbers",
    "ReplaceNumber",
    "ReshapeRows",
    "ScaleTargets",
    "Shares",
    "ShuffleRows",
    "SplitColumns",
    "Standardize",
    "Step",
    "TakeRows",
    "Transpose",
    "UniqueRows",
]
