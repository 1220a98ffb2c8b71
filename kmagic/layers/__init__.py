"""Layers, a file a family. Each is written in operations only; gradients and devices are the compiler's."""

from kmagic.base import registry as _registry
from kmagic.layers.input_spec import InputSpec
from kmagic.layers.layer import Layer

registry = _registry.Registry("layer", __name__)
serialize = registry.serialize
deserialize = registry.deserialize
registry.export("Layer", Layer)
registry.export("InputSpec", InputSpec)
