"""Facts: what rules may look at, of the model, the recipe and the data, gathered once."""

from kmagic.models.diagnosis.facts.arrays import ArrayFacts, ColumnFacts, gather
from kmagic.models.diagnosis.facts.facts import Facts, Gathered, Shared
from kmagic.models.diagnosis.facts.recipe import MetricFact

__all__ = ["ArrayFacts", "ColumnFacts", "Facts", "Gathered", "MetricFact", "Shared", "gather"]
