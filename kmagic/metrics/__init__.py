"""Metrics: what is watched while training, one file each; any loss is a metric too.

A metric keeps its state in variables, which live in the compiled program, so it costs no Python for a batch.
"""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.errors import BadType
from kmagic.metrics.metric import FunctionMetric, Mean, Metric, Sum

registry = _registry.Registry("metric", __name__)
get = registry.get
serialize = registry.serialize
deserialize = registry.deserialize
registry.export("Metric", Metric)
registry.export("MeanMetricWrapper", FunctionMetric)
registry.register(tags=("values",))(Mean)
registry.register(tags=("values",))(Sum)


def resolve(identifier: Any) -> Metric:
    """The metric object that anything `compile` accepts means; a string keeps its own spelling as the name."""
    found = get(identifier)
    if isinstance(found, Mean | Sum):
        raise BadType(
            f"{type(found).__name__} takes values, not targets and predictions",
            where="metrics",
            expected="a metric of targets and predictions",
        )
    if isinstance(found, Metric):
        if isinstance(identifier, str):
            found.name = identifier
        return found
    return FunctionMetric(found, name=getattr(found, "name", None))
