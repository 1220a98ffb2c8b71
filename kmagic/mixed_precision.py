"""The names that Keras keeps for older scripts: `set_global_policy("mixed_bfloat16")`."""

from kmagic.base.policies import DTypePolicy, dtype_policy, set_dtype_policy
from kmagic.optimizers.loss_scale_optimizer import LossScaleOptimizer

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]
