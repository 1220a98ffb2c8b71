"""Metrics: what is watched while training, one file each; any loss is a metric too.

A metric keeps its state in variables, which live in the compiled program, so it costs no Python for a batch. One that
cannot be traced is updated between the steps, with a notice (`HostMetric`).
"""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.errors import BadType, NotAPart
from kmagic.base.parts import Part
from kmagic.graph.user_code import is_own
from kmagic.losses import Loss
from kmagic.metrics.host import HostMetric
from kmagic.metrics.host import settle as settle
from kmagic.metrics.mean import Mean
from kmagic.metrics.mean_metric_wrapper import AlignedMean, MeanMetricWrapper
from kmagic.metrics.metric import Metric
from kmagic.metrics.sum import Sum

registry = _registry.Registry("metric", __name__)
get = registry.get
serialize = registry.serialize
deserialize = registry.deserialize
registry.export("Metric", Metric)
registry.export("MeanMetricWrapper", MeanMetricWrapper)
registry.export("HostMetric", HostMetric)
registry.register(tags=("values",))(Mean)
registry.register(tags=("values",))(Sum)


def resolve(identifier: Any) -> Metric:
    """The metric object that anything `compile` accepts means; a string keeps its own spelling as the name."""
    found = get(identifier)
    if type(found) in (Mean, Sum):
        raise BadType(
            f"{type(found).__name__} takes values, not targets and predictions",
            where="metrics",
            expected="a metric of targets and predictions",
        )
    if isinstance(found, Metric):
        if isinstance(identifier, str):
            found.name = identifier
        return found
    if isinstance(found, Part) and not isinstance(found, Loss):
        raise NotAPart(f"{found!r} is no metric", where="metrics", expected="a name, a function or a metric object")
    entry = next((entry for entry in registry.entries() if getattr(entry.target, "function", None) is found), None)
    if entry is not None:
        named: Metric = entry.target(name=found.__name__)
        return named
    return (AlignedMean if is_own(found) else MeanMetricWrapper)(found)
