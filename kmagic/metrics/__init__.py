"""Metrics: what is watched while training, one file each; any loss is a metric too.

A metric keeps its state in variables, which live in the compiled program, so it costs no Python for a batch.
"""

from typing import Any

from kmagic.base import registry as _registry
from kmagic.base.parts import serialize as _serialize
from kmagic.metrics.metric import FunctionMetric, Mean, Metric, Sum

registry = _registry.Registry("metric", __name__)
registry.export("Metric", Metric)
registry.export("MeanMetricWrapper", FunctionMetric)
registry.register(tags=("any",))(Mean)
registry.register(tags=("any",))(Sum)


def get(identifier: Any) -> Any:
    """The metric that a name, a config, a class, an instance or a function means."""
    return _registry.get(identifier, registry)


def resolve(identifier: Any) -> Metric:
    """The metric object that anything `compile` accepts means; a string keeps its own spelling as the name."""
    found = get(identifier)
    if isinstance(found, Metric):
        if isinstance(identifier, str):
            found.name = identifier
        return found
    return FunctionMetric(found)


def serialize(metric: Any) -> Any:
    """A metric as plain data."""
    return _serialize(metric)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The metric that `serialize` described."""
    return _registry.deserialize(config, registry, custom_objects)
