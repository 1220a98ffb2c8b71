"""Global configuration, under Keras's names: `kmagic.config.set_floatx("float64")`."""

from kmagic.base.config import (
    backend,
    epsilon,
    executor,
    floatx,
    image_data_format,
    set_epsilon,
    set_executor,
    set_floatx,
    set_image_data_format,
)
from kmagic.base.policies import dtype_policy, set_dtype_policy

__all__ = [
    "backend",
    "dtype_policy",
    "epsilon",
    "executor",
    "floatx",
    "image_data_format",
    "set_dtype_policy",
    "set_epsilon",
    "set_executor",
    "set_floatx",
    "set_image_data_format",
]
