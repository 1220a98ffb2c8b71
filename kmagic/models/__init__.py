"""Floor 6: models. A model joins layers, losses, metrics and an optimizer into programs, and runs them over data.

`network` joins symbols into a model, `recipe` is what compile was given and `compiled` the objects that it stands for;
`compilable`, `trainer` and `model` are the storeys of Model: its choices, its training, what it is made of. `rows`
are checked data, `programs` traces steps (`eager` runs them line by line), `fitting` brings all of it together, `plan`
shows what the compiler did, `diagnosis/` looks for mistakes before the first step.
"""

from kmagic.base.excluded import attributes as _attributes
from kmagic.graph import load as _load  # noqa: F401 - the operations load with the first model
from kmagic.layers.input import Input
from kmagic.models.cloning import clone_model
from kmagic.models.excluded import EXCLUDED as _EXCLUDED
from kmagic.models.model import Model
from kmagic.models.sequential import Sequential

__all__ = ["Input", "Model", "Sequential", "clone_model"]

__getattr__ = _attributes(__name__, _EXCLUDED, __all__)
