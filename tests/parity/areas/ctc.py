"""Connectionist temporal classification: the loss with its gradient, and decoding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Library, Results
from ..operations import values_and_slopes_of

TARGETS = np.array([[1, 2, 3], [2, 2, 0], [1, 0, 0], [3, 1, 3]], "int32")
LABELS, STEPS = np.array([3, 2, 1, 3], "int32"), np.array([6, 5, 6, 4], "int32")
LOGITS = inputs.normal("ctc", shape=(4, 6, 4), scale=2.0)
OTHERS = np.array([[0, 1, 2], [2, 2, 0], [1, 0, 0], [2, 1, 2]], "int32")
WEIGHTS = inputs.sample_weights(4)


@dataclass(frozen=True)
class CtcCase:
    """A function of the library and of tensors; the gradient is taken by the first `slopes` of them."""

    name: str
    call: Callable[..., Any]
    arrays: Sequence[np.ndarray] = (LOGITS,)
    slopes: int = 1


def loss(reduction: str, weighted: bool) -> Callable[..., Any]:
    """The loss object with a reduction."""

    def call(library: Library, logits: Any) -> Any:
        function = library.losses.CTC(reduction=reduction)
        return function(TARGETS, logits, sample_weight=WEIGHTS if weighted else None)

    return call


def decoded(**options: Any) -> Callable[..., Any]:
    """Labels and scores."""
    return lambda library, logits: library.ops.ctc_decode(logits, STEPS, **options)


CASES = (
    CtcCase("ctc_loss", lambda library, logits: library.ops.ctc_loss(TARGETS, logits, LABELS, STEPS)),
    CtcCase(
        "ctc_loss(mask_index=3)",
        lambda library, logits: library.ops.ctc_loss(OTHERS, logits, LABELS, STEPS, mask_index=3),
    ),
    CtcCase("losses.ctc", lambda library, logits: library.losses.ctc(library.ops.convert_to_tensor(TARGETS), logits)),
    *(
        CtcCase(f"CTC({reduction!r}), {'weighted' if weighted else 'unweighted'}", loss(reduction, weighted))
        for reduction in ("sum_over_batch_size", "sum", "none", "mean_with_sample_weight")
        for weighted in (False, True)
    ),
    CtcCase("ctc_decode", decoded(), slopes=0),
    CtcCase("ctc_decode(merge_repeated=False)", decoded(merge_repeated=False), slopes=0),
    CtcCase("ctc_decode(mask_index=2)", decoded(mask_index=2), slopes=0),
    CtcCase("ctc_decode(mask_index=None)", decoded(mask_index=None), slopes=0),
    CtcCase("ctc_decode('beam_search')", decoded(strategy="beam_search", beam_width=20, top_paths=3), slopes=0),
    CtcCase("ctc_decode('beam_search', narrow)", decoded(strategy="beam_search", beam_width=4), slopes=0),
    CtcCase(
        "ctc_decode('beam_search', mask_index=1)",
        decoded(strategy="beam_search", beam_width=10, top_paths=2, mask_index=1),
        slopes=0,
    ),
)


def run(library: Library, case: CtcCase) -> Results:
    """Values and slopes of a case."""
    return values_and_slopes_of(
        library, lambda *tensors: case.call(library, *tensors), case.arrays, case.slopes, case.name
    )


AREAS = (Area("connectionist temporal classification", CASES, run),)
