"""Dtype policies: what a layer computes in and what its weights are kept in; public as `kmagic.dtype_policies`.

A policy is a name: a dtype for both ("float32"), or "mixed_float16" and "mixed_bfloat16", which compute in 16 bits and
keep weights in float32. A layer without one takes the policy that is set for all (`set_dtype_policy`), which is the
default float type unless somebody sets another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from kmagic.base.config import floatx
from kmagic.base.dtypes import standard
from kmagic.base.errors import BadType, BadValue, Unsupported

MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
QUANTIZED = ("int8_from_", "int4", "float8_from_", "gptq", "awq", "ternary")
# names of classes in configurations that Keras wrote
_WRITTEN = ("DTypePolicy", "FloatDTypePolicy", "Policy")
_chosen: dict[str, Any] = {"policy": None}


class DTypePolicy:
    """What a layer computes in (`compute_dtype`) and keeps its weights in (`variable_dtype`), by name.

    >>> policy = DTypePolicy("mixed_bfloat16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('bfloat16', 'float32')
    """

    # of the excluded kinds only
    quantization_mode = None

    def __init__(self, name: str | None = None) -> None:
        self._name = dtype_policy().name if name is None else name
        self._compute_dtype, self._variable_dtype = _dtypes_of(self._name)

    @property
    def name(self) -> str:
        """The name: a dtype, 'mixed_float16' or 'mixed_bfloat16'."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """What inputs and weights are cast to, and outputs come in."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """What weights are kept in."""
        return self._variable_dtype

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """The policy that `get_config` described."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.name == self.name

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        return f'<{type(self).__name__} "{self.name}">'


FloatDTypePolicy = DTypePolicy  # Keras's older name


class DTypePolicyMap(DTypePolicy):
    """Policies by the path of a layer: of equal text first, else of the one pattern that fits all of it.

    Paths without an entry get `default_policy`, or the policy that is set for all.

    >>> policies = DTypePolicyMap("float32", {"encoder/.*": "mixed_bfloat16"})
    >>> policies["encoder/dense"].name, policies["head"].name
    ('mixed_bfloat16', 'float32')
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise BadType("default_policy is a map", where="DTypePolicyMap", expected="one policy")
        self._default = None if default_policy is None else get(default_policy)
        self._policies = {path: get(policy) for path, policy in (policy_map or {}).items()}

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths without an entry."""
        return dtype_policy() if self._default is None else self._default

    @property
    def name(self) -> str:
        """A name for it as a whole: that of its default with `map_` in front."""
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self) -> str:
        """What layers without an entry compute in."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """What layers without an entry keep weights in."""
        return self.default_policy.variable_dtype

    def __getitem__(self, path: str) -> DTypePolicy:
        if path in self._policies:
            return self._policies[path]
        fitting = [pattern for pattern in self._policies if re.fullmatch(pattern, path)]
        if len(fitting) > 1:
            raise BadValue(
                f"{path!r} fits {' and '.join(map(repr, fitting))}", where="DTypePolicyMap", expected="one pattern"
            )
        return self._policies[fitting[0]] if fitting else self.default_policy

    def __setitem__(self, path: str, policy: Any) -> None:
        if path in self._policies:
            raise BadValue(
                f"{path!r} already exist in the map, as {self._policies[path]}",
                where="DTypePolicyMap",
                fix=f"del policies[{path!r}] before",
            )
        self._policies[path] = get(policy)

    def __delitem__(self, path: str) -> None:
        del self._policies[path]

    def __contains__(self, path: object) -> bool:
        return path in self._policies

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def __len__(self) -> int:
        return len(self._policies)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal map."""
        return {
            "default_policy": None if self._default is None else serialize(self._default),
            "policy_map": {path: serialize(policy) for path, policy in self._policies.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicyMap:
        """The map that `get_config` described."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.get_config() == self.get_config()

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        entries = {path: policy.name for path, policy in self._policies.items()}
        return f"<DTypePolicyMap default={self.default_policy.name} {entries}>"


def _dtypes_of(name: Any) -> tuple[str, str]:
    """What a policy of this name computes in, and what it keeps."""
    if not isinstance(name, str):
        raise BadType(f"'name' must be a string, not {name!r}", where="DTypePolicy", expected="'mixed_float16'")
    if name.startswith(QUANTIZED):
        refuse_quantized(name)
    if name in MIXED:
        return MIXED[name], "float32"
    try:
        dtype = standard(name)
    except BadType as error:
        raise BadValue(
            f"Cannot convert {name!r} to a DTypePolicy",
            where="dtype",
            expected=f"{', '.join(MIXED)}, or {error.expected}",
        ) from None
    return dtype, dtype


def refuse_quantized(what: str) -> NoReturn:
    """Raise for a policy of quantisation."""
    raise Unsupported(
        f"{what}: quantisation", where="dtype policies", expected="'mixed_float16' or 'mixed_bfloat16' for less memory"
    )


def get(identifier: Any) -> DTypePolicy:
    """A policy for a name, a dtype or a configuration; a policy stays itself, None is the one that is set for all.

    >>> get("mixed_float16"), get(float)
    (<DTypePolicy "mixed_float16">, <DTypePolicy "float32">)
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    return DTypePolicy(identifier if isinstance(identifier, str) and identifier != "float" else standard(identifier))


def serialize(policy: DTypePolicy) -> dict[str, Any]:
    """A policy as plain data."""
    return {
        "module": "kmagic.dtype_policies",
        "class_name": type(policy).__name__,
        "config": policy.get_config(),
        "registered_name": None,
    }


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> DTypePolicy:
    """The policy that `serialize` described; those that Keras wrote are understood too."""
    name = config.get("class_name")
    if name == "DTypePolicyMap":
        return DTypePolicyMap.from_config(config["config"])
    if name in _WRITTEN:
        return DTypePolicy.from_config(config["config"])
    if isinstance(name, str) and name.endswith("DTypePolicy"):
        refuse_quantized(name)
    raise BadValue(f"{config!r} is no policy", where="dtype_policies", expected="what serialize(policy) gives")


def described(policy: DTypePolicy) -> Any:
    """A policy in the configuration of a part: its name where that says it all."""
    return serialize(policy) if isinstance(policy, DTypePolicyMap) else policy.name


def dtype_policy() -> DTypePolicy:
    """The policy of layers that get no other.

    >>> dtype_policy()
    <DTypePolicy "float32">
    """
    chosen: DTypePolicy | None = _chosen["policy"]
    return DTypePolicy(floatx()) if chosen is None else chosen


def set_dtype_policy(policy: Any) -> None:
    """Set the policy of layers that are made from here on; None goes back to the default float type."""
    if not isinstance(policy, str | DTypePolicy | None):
        raise BadValue(f"policy is {policy!r}", where="set_dtype_policy", expected="'mixed_float16', or another policy")
    _chosen["policy"] = None if policy is None else get(policy)
