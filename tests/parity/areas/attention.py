"""Attention of all kinds, with all kinds of masks."""

from __future__ import annotations

from typing import Any

from ..area import Area
from ..layer_steps import StepCase, layer_steps

TWO, THREE = ((3, 4, 2), (3, 5, 2)), ((3, 4, 2), (3, 5, 2), (3, 5, 2))
SCORES = {"return_attention_scores": True}
CAUSAL = {"use_causal_mask": True}
HEADS = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
RULES = {
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "activity_regularizer": "l2",
    "kernel_constraint": "max_norm",
    "bias_constraint": "non_neg",
}
OWN_MASK = {"attention_mask": (3, 4, 5)}


def headed(part: str, arguments: dict[str, Any], *calls: dict[str, Any], padded: bool = False) -> list[StepCase]:
    """Attention with heads, called in several ways on a query and a value."""
    return [StepCase(part, arguments, TWO, call, padded=padded, apart=True) for call in calls]


SCORED = (
    StepCase("Attention", {}, TWO),
    StepCase("Attention", {"use_scale": True}, THREE),
    StepCase("Attention", {"score_mode": "concat"}, THREE),
    StepCase("Attention", {"score_mode": "concat", "use_scale": True}, TWO, padded=True),
    StepCase("Attention", {"use_scale": True}, TWO, {**SCORES, **CAUSAL}, padded=True),
    StepCase("AdditiveAttention", {}, TWO),
    StepCase("AdditiveAttention", {}, THREE, {**SCORES, **CAUSAL}),
    StepCase("AdditiveAttention", {"use_scale": False}, TWO, padded=True),
)

HEADED = (
    *headed("MultiHeadAttention", HEADS, {}, CAUSAL, OWN_MASK, SCORES, {**SCORES, **CAUSAL}, {**SCORES, **OWN_MASK}),
    *headed("MultiHeadAttention", HEADS, SCORES, {**SCORES, **CAUSAL, **OWN_MASK}, padded=True),
    *headed("MultiHeadAttention", {**HEADS, "value_dim": 4, "use_bias": False}, SCORES),
    *headed("MultiHeadAttention", {**HEADS, "output_shape": 4, "use_gate": True}, SCORES),
    *headed("MultiHeadAttention", {**HEADS, "output_shape": (2, 3), "sliding_window": 2}, SCORES),
    *headed("MultiHeadAttention", {**HEADS, **RULES}, SCORES),
    StepCase("MultiHeadAttention", HEADS, THREE, SCORES, apart=True),
    StepCase("MultiHeadAttention", {**HEADS, "attention_axes": (2,)}, ((2, 3, 4, 2),) * 2, SCORES, apart=True),
    StepCase("MultiHeadAttention", {**HEADS, "attention_axes": (1, 2)}, ((2, 3, 2, 2),) * 2, apart=True),
    *headed("GroupQueryAttention", GROUPS, {}, SCORES, {**SCORES, **CAUSAL}, {**SCORES, **OWN_MASK}),
    *headed("GroupQueryAttention", {**GROUPS, "use_gate": True, "sliding_window": 2}, SCORES, padded=True),
    *headed("GroupQueryAttention", {**GROUPS, **RULES, "use_bias": False}, SCORES),
)

AREAS = (Area("attention", (*SCORED, *HEADED), layer_steps),)
