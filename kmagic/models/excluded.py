"""What Keras does with files of models, which is not there yet."""

from __future__ import annotations

from kmagic.base.excluded import Excluded
from kmagic.models.model import Model

_FILES = "files of models, which are not there yet"
_WEIGHTS = "keep model.get_weights(), and give it to set_weights() of a model made by the same code"

# name -> what it needs, and what serves instead
EXCLUDED = {
    "load_model": (_FILES, _WEIGHTS),
    "save_model": (_FILES, _WEIGHTS),
    "model_from_json": ("models as JSON, which are not there yet", "the code that made the model, or clone_model"),
}
METHODS = {
    "save": (_FILES, _WEIGHTS),
    "save_weights": ("files of weights, which are not there yet", _WEIGHTS),
    "load_weights": ("files of weights, which are not there yet", _WEIGHTS),
    "to_json": ("models as JSON, which are not there yet", "model.get_config(), which is plain data"),
    "export": ("other runtimes", _WEIGHTS),
    "quantize": ("layers with fewer bits", "a policy of 16 bits, such as dtype='mixed_bfloat16'"),
}

for _name, (_needs, _instead) in METHODS.items():
    setattr(Model, _name, Excluded(_name, _needs, _instead, "Model"))
