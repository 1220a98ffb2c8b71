"""Reading results off the objects of either library: arrays, variables, configurations."""

from __future__ import annotations

import re
from typing import Any

import numpy as np


def numpy_of(value: Any) -> np.ndarray:
    """A copy of the numbers of a tensor, variable or Python number; a view would follow later changes."""
    value = getattr(value, "value", value)
    detach = getattr(value, "detach", None)  # torch refuses to convert a tensor that carries its tape
    return np.array(detach() if detach else value)


def variable_facts(variable: Any) -> dict[str, Any]:
    """What a variable is, without its numbers; `adam_3/iteration` is written `adam/iteration`, as of the first Adam."""
    path, name = (re.sub(r"_\d+(?=/)|(?<=^variable)_\d+$", "", text) for text in (variable.path, variable.name))
    # whole numbers are int32 in JAX, unless it computes in float64
    dtype = str(variable.dtype).replace("int64", "int32")
    return {"path": path, "name": name, "shape": list(variable.shape), "dtype": dtype}


def config_of(part: Any) -> Any:
    """A part's configuration, normalised."""
    return plain(part.get_config())


def plain(value: Any) -> Any:
    """A configuration as JSON holds it, written the same way for both libraries.

    Keras names its modules `keras.…`, kmagic `kmagic.…`; Keras keeps a dtype as a serialized policy, and a function as
    an object, of which the name matters; numbers of automatic names count what else the process made.
    """
    if isinstance(value, dict):
        if isinstance(value.get("name"), str):
            value = value | {"name": re.sub(r"_\d+$", "", value["name"])}
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        if value.get("class_name") == "function":
            return value["config"]
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, str):
        return value.replace("kmagic", "keras", 1) if value.split(".")[0] == "kmagic" else value
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value
