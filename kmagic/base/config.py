"""Global configuration: the default float type, the fuzz factor ε and the image data format.

The same names and defaults as `keras.config`. Values are read when they are used, so a change counts from then on.
"""

from __future__ import annotations

import os

from kmagic.base.errors import BadValue

_FLOATS = ("float32", "float64")
_FORMATS = ("channels_last", "channels_first")
_VARIABLE = "KMAGIC_EXECUTOR"
_EXECUTORS = ("llvm", "numpy")
_state: dict[str, float | str] = {
    "epsilon": 1e-7,
    "floatx": "float32",
    "image_data_format": "channels_last",
    "executor": os.environ.get(_VARIABLE, "numpy"),
}


def epsilon() -> float:
    """The fuzz factor that keeps divisions and logarithms finite.

    >>> epsilon()
    1e-07
    """
    return float(_state["epsilon"])


def set_epsilon(value: float) -> None:
    """Set the fuzz factor; losses read it at call time."""
    if not float(value) > 0:
        raise BadValue(f"epsilon is {value}", where="set_epsilon", expected="a positive number")
    _state["epsilon"] = float(value)


def floatx() -> str:
    """The default float type of weights and of computation.

    >>> floatx()
    'float32'
    """
    return str(_state["floatx"])


def set_floatx(value: str) -> None:
    """Set the default float type: 'float32' or 'float64'; layers compute in no other."""
    if value not in _FLOATS:
        raise BadValue(f"floatx is {value!r}", where="set_floatx", expected=" or ".join(_FLOATS))
    _state["floatx"] = value


def image_data_format() -> str:
    """Where images keep their channels: 'channels_last' or 'channels_first'."""
    return str(_state["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Set where images keep their channels."""
    if data_format not in _FORMATS:
        raise BadValue(
            f"data_format is {data_format!r}", where="set_image_data_format", expected=f"one of {', '.join(_FORMATS)}"
        )
    _state["image_data_format"] = data_format


def executor() -> str:
    """What runs programs: 'numpy', or 'llvm' for native code."""
    value = str(_state["executor"])
    if value not in _EXECUTORS:  # of the environment, which nobody has looked at
        raise BadValue(f"{_VARIABLE} is {value!r}", where="environment", expected=f"one of {', '.join(_EXECUTORS)}")
    return value


def set_executor(value: str) -> None:
    """Set what runs programs that are compiled from now on; the environment variable KMAGIC_EXECUTOR is the default."""
    if value not in _EXECUTORS:
        raise BadValue(f"executor is {value!r}", where="set_executor", expected=f"one of {', '.join(_EXECUTORS)}")
    _state["executor"] = value


def backend() -> str:
    """The engine's name; Keras's scripts print it.

    >>> backend()
    'kmagic'
    """
    return "kmagic"
