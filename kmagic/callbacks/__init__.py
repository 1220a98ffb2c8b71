"""Floor 5: callbacks, under Keras's names. They listen to a training through hooks, and may ask it to stop."""

from kmagic.base import registry as _registry
from kmagic.callbacks.callback import Callback

registry = _registry.Registry("callback", __name__)
registry.export("Callback", Callback)
