"""Policies: names, maps, configurations, and the one that is set for all."""

from collections.abc import Iterator
from typing import Any

import pytest

import kmagic
from kmagic import config, dtype_policies, mixed_precision
from kmagic.base.errors import BadType, BadValue, Unsupported
from kmagic.base.policies import DTypePolicy, DTypePolicyMap, described, dtype_policy, get, serialize, set_dtype_policy


@pytest.fixture(autouse=True)
def usual_policy() -> Iterator[None]:
    yield
    set_dtype_policy(None)


@pytest.mark.parametrize(
    ("name", "compute", "variable"),
    [
        ("float32", "float32", "float32"),
        ("float64", "float64", "float64"),
        ("float16", "float16", "float16"),
        ("bfloat16", "bfloat16", "bfloat16"),
        ("mixed_float16", "float16", "float32"),
        ("mixed_bfloat16", "bfloat16", "float32"),
    ],
)
def test_a_name_says_both_dtypes(name: str, compute: str, variable: str) -> None:
    policy = DTypePolicy(name)
    assert (policy.name, policy.compute_dtype, policy.variable_dtype) == (name, compute, variable)
    assert policy.quantization_mode is None and repr(policy) == f'<DTypePolicy "{name}">'
    assert DTypePolicy.from_config(policy.get_config()) == policy == get(name) == get(serialize(policy)) == get(policy)
    assert policy != DTypePolicy("int32") and policy != name and len({policy, get(name)}) == 1


@pytest.mark.parametrize(
    ("given", "name"), [(float, "float32"), ("float", "float32"), (None, "float32"), (int, "int32")]
)
def test_dtypes_are_policies(given: Any, name: str) -> None:
    assert get(given).name == name


def test_the_one_that_is_set_counts_for_all() -> None:
    assert dtype_policy().name == "float32"
    config.set_floatx("float64")
    try:
        assert DTypePolicy().name == "float64"
    finally:
        config.set_floatx("float32")
    config.set_dtype_policy("mixed_bfloat16")
    assert config.dtype_policy() == mixed_precision.global_policy() == DTypePolicy("mixed_bfloat16") == get(None)
    mixed_precision.set_global_policy(mixed_precision.Policy("mixed_float16"))
    assert mixed_precision.dtype_policy().name == "mixed_float16"


@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        ("mixed_float8", BadValue, "Cannot convert 'mixed_float8'"),
        (3, BadType, "3"),
        ("int8_from_float32", Unsupported, "quantisation"),
        ("gptq/4/128_from_float32", Unsupported, "quantisation"),
        ({"class_name": "QuantizedDTypePolicy", "config": {}}, Unsupported, "QuantizedDTypePolicy"),
        ({"class_name": "Dense", "config": {}}, BadValue, "no policy"),
    ],
)
def test_what_is_no_policy(wrong: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        get(wrong)


def test_only_policies_are_set() -> None:
    with pytest.raises(BadValue, match="policy is 3"):
        set_dtype_policy(3)
    with pytest.raises(BadType, match="must be a string"):
        DTypePolicy(3)  # type: ignore[arg-type]


def test_maps_find_text_before_patterns() -> None:
    policies = DTypePolicyMap(
        "float32", {"encoder/layer/dense": "bfloat16", "encoder/.*": "float16", "decoder": "float64"}
    )
    paths = ("encoder/layer/dense", "encoder/query", "decoder", "decoder/dense", "")
    assert [policies[path].name for path in paths] == ["bfloat16", "float16", "float64", "float32", "float32"]
    policies["encoder/attention/.*"] = "float64"
    with pytest.raises(BadValue, match="fits 'encoder/\\.\\*' and 'encoder/attention/\\.\\*'"):
        policies["encoder/attention/query"]
    with pytest.raises(BadValue, match="already exist"):
        policies["decoder"] = "float16"
    del policies["decoder"]
    assert "decoder" not in policies and len(policies) == 3 and list(policies)[0] == "encoder/layer/dense"
    assert (policies.name, policies.compute_dtype, policies.variable_dtype) == ("map_float32", "float32", "float32")


def test_maps_are_described() -> None:
    policies = DTypePolicyMap(None, {"encoder/.*": "mixed_float16"})
    assert get(described(policies)) == policies and described(get("mixed_float16")) == "mixed_float16"
    assert policies != DTypePolicyMap("float64", {"encoder/.*": "mixed_float16"}) and "mixed_float16" in repr(policies)
    set_dtype_policy("mixed_bfloat16")
    assert policies.default_policy.name == "mixed_bfloat16"
    with pytest.raises(BadType, match="default_policy is a map"):
        DTypePolicyMap(policies)


def test_public_names() -> None:
    assert kmagic.DTypePolicy is dtype_policies.DTypePolicy is mixed_precision.Policy is DTypePolicy
    assert (
        kmagic.FloatDTypePolicy is DTypePolicy
        and dtype_policies.deserialize(serialize(get("float16"))).name == "float16"
    )
    with pytest.raises(Unsupported, match="Int4DTypePolicy"):
        dtype_policies.Int4DTypePolicy("int4/128")
    with pytest.raises(AttributeError, match="Nothing"):
        dtype_policies.Nothing  # noqa: B018
