"""Every loss as a metric: its mean over samples, under the same name, unless a file here defines one of that name.

A loss of a whole batch has no mean over batches, so it is no metric.
"""

from typing import Any

from kmagic.base.registry import Entry
from kmagic.losses import registry as losses
from kmagic.metrics import registry
from kmagic.metrics.formula import metric_class

for _loss in losses.entries():
    if not registry.has_file(_loss.name) and "whole batch" not in _loss.tags:
        _formula: Any = _loss.target
        _class = metric_class(_formula.function, _formula.__name__, _formula.integer_labels, "down")
        registry.add(Entry(_loss.name, _class, _loss.aliases, _loss.exports, _loss.tags, _loss.shapes))
        registry.export(_loss.name, _formula.function)
