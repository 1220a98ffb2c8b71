"""What layers compute in and keep their weights in, under Keras's names: `DTypePolicy("mixed_bfloat16")`.

Policies of quantisation are outside the surface; asking for one says so.
"""

from typing import Any, NoReturn

from kmagic.base.policies import (
    DTypePolicy,
    DTypePolicyMap,
    FloatDTypePolicy,
    deserialize,
    get,
    refuse_quantized,
    serialize,
)

_EXCLUDED = (
    "AWQDTypePolicy",
    "GPTQDTypePolicy",
    "Int4DTypePolicy",
    "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy",
)


def __getattr__(name: str) -> Any:
    if name not in _EXCLUDED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        refuse_quantized(name)

    return refuse


__all__ = ["DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "deserialize", "get", "serialize"]
