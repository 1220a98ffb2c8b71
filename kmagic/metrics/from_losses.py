"""Every loss as a metric: its mean over samples, under the same name, unless a file here defines one of that name.

A loss of a whole batch has no mean over batches, so it is no metric.
"""

from typing import Any

from kmagic.base.registry import Entry
from kmagic.losses import registry as losses
from kmagic.metrics import registry
from kmagic.metrics.formula import metric_class


def _add(loss: Entry) -> None:
    formula: Any = loss.target
    cls = metric_class(formula.function, formula.__name__, formula.integer_labels, "down", module=__name__)
    # the class is found where it says that it is, as pickle wants it, beside the function that its example calls
    globals().update({cls.__name__: cls, loss.name: formula.function})
    registry.add(Entry(loss.name, cls, loss.aliases, loss.exports, loss.tags, loss.shapes))
    registry.export(loss.name, formula.function)


for _loss in losses.entries():
    if not registry.has_file(_loss.name) and "whole batch" not in _loss.tags:
        _add(_loss)
