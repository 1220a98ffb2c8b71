"""Masks on their way: what comes out of every layer that a mask goes into, and where a mask ends."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import inputs
from ..area import Area, Arguments, Library, Results, written
from ..layer_steps import Inner, made, padded
from ..mask_stories import STORIES
from ..reading import numpy_of
from ..seeing import shown

ROWS, SERIES, IMAGES = (3, 4), (3, 4, 2), (3, 4, 4, 2)
STATES = {"return_sequences": True, "return_state": True}
KINDS = ("SimpleRNN", "LSTM", "GRU")


@dataclass(frozen=True)
class Passed:
    """A layer on inputs that carry masks; of those whose number is in `plain` the mask is missing."""

    part: str
    arguments: Arguments = field(default_factory=dict)
    shape: Sequence[int] = SERIES
    count: int = 1
    plain: Sequence[int] = ()
    apart: bool = False
    values: bool = True

    @property
    def name(self) -> str:
        without = f", without a mask: {list(self.plain)}" if self.plain else ""
        return f"{written(self.part, self.arguments)} on {self.count} × {tuple(self.shape)}{without}"


def _several(part: str, arguments: Arguments = {}, **options: Any) -> list[Passed]:  # noqa: B006
    """A layer of two inputs: both with masks, and one of them."""
    return [Passed(part, arguments, count=2, plain=plain, **options) for plain in ((), (0,), (1,))]


def _inner(part: str, **arguments: Any) -> Inner:
    return Inner(part, {**arguments, "name": "inner"})


TABLE = (
    *(Passed(part) for part in ("ReLU", "LeakyReLU", "PReLU", "ELU", "Identity", "Flatten", "Masking")),
    *(Passed(part) for part in ("LayerNormalization", "RMSNormalization", "UnitNormalization", "BatchNormalization")),
    *(Passed("Dropout", {"rate": 0.5}, shape) for shape in (ROWS, SERIES, IMAGES)),
    *(Passed(part, {"rate": 0.5}) for part in ("AlphaDropout", "GaussianDropout", "SpatialDropout1D")),
    Passed("SpatialDropout2D", {"rate": 0.5}, IMAGES),
    Passed("GaussianNoise", {"stddev": 1.0}),
    Passed("ActivityRegularization", {"l2": 0.1}),
    Passed("Activation", {"activation": "tanh"}),
    *(Passed("Dense", {"units": 3}, shape) for shape in (ROWS, SERIES, IMAGES)),
    Passed("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 3]}),
    *(Passed("Embedding", {"input_dim": 9, "output_dim": 2, "mask_zero": zero}) for zero in (False, True)),
    Passed("Reshape", {"target_shape": (2, 4)}),
    Passed("Permute", {"dims": (2, 1)}),
    Passed("RepeatVector", {"n": 2}, ROWS),
    Passed("Cropping1D", {"cropping": 1}),
    Passed("ZeroPadding1D", {"padding": 1}),
    Passed("UpSampling1D", {"size": 2}),
    Passed("Conv1D", {"filters": 2, "kernel_size": 2}),
    Passed("Conv1D", {"filters": 2, "kernel_size": 2, "padding": "causal"}),
    Passed("Conv1DTranspose", {"filters": 2, "kernel_size": 2}),
    Passed("SeparableConv1D", {"filters": 2, "kernel_size": 2}),
    Passed("DepthwiseConv1D", {"kernel_size": 2}),
    Passed("Conv2D", {"filters": 2, "kernel_size": 2}, IMAGES),
    *(Passed(part) for part in ("MaxPooling1D", "GlobalMaxPooling1D")),
    Passed("AveragePooling1D", {"pool_size": 2}),
    *(Passed("GlobalAveragePooling1D", {"keepdims": keep}) for keep in (False, True)),
    Passed("GlobalAveragePooling2D", {}, IMAGES),
    Passed("GroupNormalization", {"groups": 1}),
    Passed("Rescaling", {"scale": 0.5}),
    Passed("Normalization", {"mean": 0.5, "variance": 2.0}),
    Passed("Discretization", {"bin_boundaries": [0.0, 1.0]}),
    Passed("CategoryEncoding", {"num_tokens": 9, "output_mode": "multi_hot"}, ROWS),
    *(Passed(kind, {"units": 2}) for kind in KINDS),
    *(Passed(kind, {"units": 2, "return_sequences": True}) for kind in KINDS),
    *(Passed(kind, {"units": 2, **STATES}) for kind in KINDS),
    Passed("LSTM", {"units": 2, "return_state": True}),
    Passed("GRU", {"units": 2, "return_sequences": True, "go_backwards": True}),
    Passed("RNN", {"cell": _inner("GRUCell", units=2), **STATES}),
    Passed("RNN", {"cell": [Inner("LSTMCell", {"units": 2}), Inner("GRUCell", {"units": 2})], **STATES}),
    *(Passed("Bidirectional", {"layer": _inner("GRU", units=2, **kind)}) for kind in ({}, STATES)),
    Passed("Bidirectional", {"layer": _inner("LSTM", units=2, return_sequences=True), "merge_mode": None}),
    Passed("TimeDistributed", {"layer": _inner("Dense", units=2)}),
    Passed("TimeDistributed", {"layer": _inner("Flatten")}, IMAGES),
    Passed("TimeDistributed", {"layer": _inner("GRU", units=2)}, IMAGES),
    *(
        case
        for part in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
        for case in _several(part)
    ),
    *_several("Concatenate", {"axis": 1}),
    *_several("Dot", {"axes": 2}),
    *(case for part in ("Attention", "AdditiveAttention") for case in _several(part, {"use_scale": False})),
    *_several("MultiHeadAttention", {"num_heads": 1, "key_dim": 2}, apart=True, values=False),
    *_several(
        "GroupQueryAttention",
        {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1},
        apart=True,
        values=False,
    ),
)


@dataclass(frozen=True)
class Told:
    """A story about masks, by its name."""

    name: str
    tell: Callable[[Library], Results]


def arrays_of(case: Passed) -> list[np.ndarray]:
    """Inputs whose last steps, or entries, are zeros."""
    found = [inputs.normal("masks", n, shape=tuple(case.shape)) + 2.0 * (n + 1) for n in range(case.count)]
    return [padded(array[::-1])[::-1] if place % 2 else padded(array) for place, array in enumerate(found)]


def passed(library: Library, case: Passed | Told) -> Results:
    """The masks of what a layer gives, when it was connected and now; its values; whether there was a warning."""
    if isinstance(case, Told):
        return case.tell(library)
    arrays = arrays_of(case)
    starts = [library.layers.Input(array.shape[1:]) for array in arrays]
    given = [x if n in case.plain else library.layers.Masking()(x) for n, x in enumerate(starts)]
    layer = made(library, Inner(case.part, case.arguments))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = layer(*given) if case.apart or len(given) == 1 else layer(given)
        except ValueError:
            return {"refused": True}
    drawn = inputs.weights([array.shape for array in layer.get_weights()], case.part)
    layer.set_weights([np.abs(array) + 0.5 for array in drawn])
    outputs = flat(found)
    results: Results = {"warns": any("does not support masking" in str(entry.message) for entry in caught)}
    masks = library.Model(starts, [mask for output in outputs for mask in shown(library, output)])(arrays)
    for place, mask in enumerate(masks):
        results[f"mask {('connected', 'now')[place % 2]}/{place // 2}"] = numpy_of(mask)
    if case.values:
        values = flat(library.Model(starts, outputs)(arrays))
        results |= {f"value/{place}": numpy_of(value) for place, value in enumerate(values)}
    return results


def flat(found: Any) -> list[Any]:
    """What a layer gave, one after the other."""
    return [value for part in found for value in flat(part)] if isinstance(found, list | tuple) else [found]


CASES = (*TABLE, *(Told(name, tell) for name, tell in STORIES.items()))
AREAS = (Area("masks", CASES, passed),)
