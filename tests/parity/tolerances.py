"""How far kmagic may be from Keras: the one table, and the reason for each exception."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tolerance:
    """A difference is allowed up to `relative` times the expected size, plus a floor.

    The size is that of each element, or with `scaled_by="tensor"` the largest element of its tensor.
    """

    relative: float
    floor: float
    scaled_by: str
    reason: str

    def allowed(self, expected: np.ndarray) -> np.ndarray:
        """The allowed difference of each element."""
        size = np.abs(np.where(np.isfinite(expected), expected, 0.0))
        if self.scaled_by == "tensor":
            size = np.full(size.shape, size.max(initial=0.0))
        return self.relative * size + self.floor


# 1e-9 of the value; sums of a few dozen terms near 1 are exact to about 1e-15, which matters where they cancel.
FLOAT64 = Tolerance(1e-9, 1e-14, "element", "the same arithmetic in float64")

AREAS = {
    "streams": Tolerance(0.0, 0.0, "element", "inputs are the same numbers, or nothing can be compared"),
    "loss values": FLOAT64,
    "loss gradients": FLOAT64,
    "masked losses": FLOAT64,
    "metrics": FLOAT64,
    "metrics at thresholds": FLOAT64,
    "metrics of overlap": FLOAT64,
    "metrics of scores": FLOAT64,
    "compiled metrics": FLOAT64,
    "layers": FLOAT64,
    "layers of sequences": FLOAT64,
    "recurrent layers": FLOAT64,
    "recurrent layers of windows": FLOAT64,
    "noise in recurrent layers": FLOAT64,
    "spectrograms": FLOAT64,
    "spectrograms of pitches": Tolerance(
        5e-6, 1e-7, "tensor", "Keras computes the sides of the triangles in float32, as differences of near numbers"
    ),
    "layers around layers": FLOAT64,
    "attention": FLOAT64,
    "layers that merge": FLOAT64,
    "dense layers by equation": FLOAT64,
    "layers of windows": FLOAT64,
    "preprocessing layers": FLOAT64,
    "layers of images": FLOAT64,
    "layers in mixed_float16": Tolerance(
        2.0**-8,
        2.0**-10,
        "tensor",
        "four units in the last place of float16, in which engines round at other places",
    ),
    "layers in mixed_bfloat16": Tolerance(
        2.0**-5,
        2.0**-7,
        "tensor",
        "four units in the last place of bfloat16, in which engines round at other places",
    ),
    "fixed initializers": FLOAT64,
    "drawn initializers": Tolerance(
        0.08, 0.0, "element", "the spread of 2000 numbers is known to 1.6 %, which is a fifth of this"
    ),
    "penalties": FLOAT64,
    "penalties while training": FLOAT64,
    "several outputs": FLOAT64,
    "own steps": FLOAT64,
    "structure of models": FLOAT64,
    "fitting": FLOAT64,
    "callbacks": FLOAT64,
    "training on batches": FLOAT64,
    "utilities for data": FLOAT64,
    "optimizers on variables": FLOAT64,
    "optimizers on a model": FLOAT64,
    "operations on arrays": FLOAT64,
    "operations of networks": FLOAT64,
    "operations of control": FLOAT64,
    "operations on windows": FLOAT64,
    "operations on images": FLOAT64,
    "connectionist temporal classification": FLOAT64,
    "operations of linear algebra": FLOAT64,
    "arguments of all optimizers": FLOAT64,
    "optimizers on other shapes": FLOAT64,
    "combined optimizers on variables": FLOAT64,
    "combined optimizers on a model": FLOAT64,
    "schedules": FLOAT64,
    "schedules in optimizers": FLOAT64,
    "schedules on a model": FLOAT64,
    "activations": Tolerance(
        1e-9,
        1e-12,
        "element",
        "the gradient is the difference of two kernels holding values up to 300, whose last place is 6e-14",
    ),
    "networks of images": Tolerance(
        1e-9, 1e-14, "tensor", "weights near zero after many steps carry the rounding of their whole tensor"
    ),
    "masks": FLOAT64,
    "whole models": Tolerance(
        1e-9, 1e-14, "tensor", "weights near zero after many steps carry the rounding of their whole tensor"
    ),
    "training in float64": Tolerance(
        1e-9,
        1e-14,
        "tensor",
        "weights near zero after many steps carry the rounding of their whole tensor",
    ),
}

# Computed in float32 and compared with what Keras gave in float64: a dozen units in the last place of the largest
# number, which is what inputs rounded to float32 and short sums of them leave.
FLOAT32 = Tolerance(1e-6, 1e-7, "tensor", "the same arithmetic in float32")

# What issues of layers ask for: a few products and sums, one after the other, forwards and backwards.
LAYERS32 = Tolerance(1e-5, 1e-7, "tensor", "a layer's own sums in float32, and one step of training")

IN_FLOAT32 = {
    **dict.fromkeys(
        (
            "layers",
            "layers of sequences",
            "recurrent layers",
            "recurrent layers of windows",
            "layers around layers",
            "attention",
            "layers that merge",
            "dense layers by equation",
            "layers of windows",
            "layers of images",
        ),
        LAYERS32,
    ),
    "loss values": FLOAT32,
    "masked losses": FLOAT32,
    "metrics": FLOAT32,
    "metrics at thresholds": FLOAT32,
    "metrics of overlap": FLOAT32,
    "metrics of scores": FLOAT32,
    "penalties": FLOAT32,
    "optimizers on variables": FLOAT32,
    "arguments of all optimizers": FLOAT32,
    "operations on arrays": FLOAT32,
    "operations of networks": FLOAT32,
    "operations on windows": FLOAT32,
    "operations on images": FLOAT32,
    "several outputs": Tolerance(3e-6, 1e-7, "tensor", "nine steps of training carry the rounding of the first"),
    "activations": Tolerance(
        1e-6, 2e-4, "tensor", "the gradient is the difference of two kernels holding values up to 300, times six rows"
    ),
    "schedules": Tolerance(2e-5, 1e-7, "tensor", "an exponent of a thousand steps is known to 6e-5 of one"),
}
# Metrics whose batches hold a point where float32 is another function: name of the part -> reason.
OTHER_IN_FLOAT32 = {
    "BinaryCrossentropy": "the last batch asks for the logarithm of 1 - (1 - 1e-7), which is 1.19e-7 in float32",
}

# Weights trained in float32: the distance of a tensor from Keras on JAX is at most this many times the recorded one
# between Keras on JAX and Keras on torch,
FLOAT32_TIMES = 10.0
# or, where the two engines came closer to each other by luck, so many units in the last place of the tensor's norm.
FLOAT32_FLOOR_ULPS = 4.0
# Where no second engine tells how rounding spreads: ten times the floor, as if the engines were just that far apart.
FLOAT32_ALONE_ULPS = 40.0


def allowed_distance(expected: np.ndarray, between_engines: float | None) -> float:
    """How far a float32 tensor may be from the expected one, as the Euclidean norm of the difference."""
    last_place = float(np.finfo(np.float32).eps) * float(np.linalg.norm(expected.astype(np.float64)))
    if between_engines is None:
        return FLOAT32_ALONE_ULPS * last_place
    return max(FLOAT32_TIMES * between_engines, FLOAT32_FLOOR_ULPS * last_place)


# ---- where two correct engines disagree, an element may agree with either: (area, case, field) -> reason ----

_AT_ZERO = "at 0 JAX takes the slope above the corner, torch the one below"
_AT_CORNER = "at a corner JAX takes the slope within, or half of it, torch one of the two"
_UNREAD = "torch gives a slope to the triangle that is not read too"
_SOFTMAX = "JAX takes the softmax of attention in float32, also for float64"
_NARROW = "torch joins the results of associative_scan in float32, also for float64"
_RUNNING = {
    "associative_scan": 1,
    "associative_scan(reverse=True)": 1,
    "associative_scan(axis=-1)": 1,
    "associative_scan(axis=1)": 2,
    "associative_scan(axis=1, reverse=True)": 2,
}
_ARRAYS = "operations on arrays"
_FLOAT32 = "torch computes it in float32, also for float64"
_WINDOWS = ("bartlett(x=6)", "blackman(x=6)", "hamming(x=6)", "hanning(x=6)", "kaiser(x=6, beta=5.0)")
_SEGMENTS = tuple(f"segment_{part}([6, 2], [6], num_segments=3)" for part in ("sum", "max", "min"))
_SYMMETRIC = "pad([3, 4], pad_width=((1, 2), (0, 3)), mode='symmetric')"
_KEYS = "torch takes Keys' curve with -3/4 and repeats the edge, JAX that with -1/2 and leaves out what is outside"
_ON_SHADES = "on (2, 5, 6, 3) shades"
_SIXTH = "torch keeps the slope of one sixth in float32"
_HARD = "activation='relu', recurrent_activation='hard_sigmoid', use_bias=False"
_DIVIDED = "JAX forgets after a step that the kernel was divided"
_SPECTRAL = ("layer=Dense(units=2, name='one')", "layer=Dense(units=3, name='one'), power_iterations=3")
_TWO = "on (3, 4, 2) and (3, 5, 2)"
_HEADED = (
    f"GroupQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2) {_TWO}",
    *(
        f"MultiHeadAttention(num_heads=2, key_dim=3) {_TWO}{call}"
        for call in ("", ", attention_mask=(3, 4, 5)", ", use_causal_mask=True")
    ),
)
_SEEN = (
    *(f"{mode}{what}" for mode in ("inference", "training") for what in ("/0", " gradient/0", " gradient/1")),
    *(f"moved/{place}" for place in range(8)),
    "loss",
)
_WHOLE = "whole models"
_TRANSFORMERS = {"text by a transformer": range(16), "text by two blocks of a transformer": {*range(35)} - {3}}
_MEASURED = "JAX measures a training step without the masks of predictions, torch weighs by steps that a loss changed"
_NETWORKS, _ALGEBRA = "operations of networks", "operations of linear algebra"
_ATTENTIONS = (
    "dot_product_attention([2, 3, 4, 3], [2, 5, 4, 3], [2, 5, 4, 3])",
    "dot_product_attention([2, 3, 4, 3], [2, 5, 4, 3], [2, 5, 4, 3], scale=0.4, bias=[2, 4, 3, 5])",
    "dot_product_attention([2, 3, 4, 3], [2, 5, 4, 3], [2, 5, 4, 3], mask=[2, 4, 3, 5])",
    "dot_product_attention([2, 3, 4, 3], [2, 3, 4, 3], [2, 3, 4, 3], is_causal=True)",
)
ENGINES_DISAGREE = {
    **{
        (_NETWORKS, case, field): _SOFTMAX
        for case in _ATTENTIONS
        for field in ("value/0", "gradient/0", "gradient/1", "gradient/2")
    },
    **{
        ("operations of control", case, f"{field}/{place}"): _NARROW
        for case, count in _RUNNING.items()
        for field in ("value", "gradient")
        for place in range(count)
    },
    **{(_ARRAYS, case, "value/0"): _FLOAT32 for case in (*_WINDOWS, *_SEGMENTS)},
    **{
        ("recurrent layers", f"{kind}(units=3, {_HARD}) on (4, 6, 3)", field): _SIXTH
        for kind in ("GRU", "LSTM")
        for field in ("moved/0", "moved/1", "inference gradient/0", "training gradient/0")
    },
    **{("layers around layers", f"SpectralNormalization({case}) on (4, 3)", "moved/0"): _DIVIDED for case in _SPECTRAL},
    **{(_ARRAYS, case, "gradient/0"): _FLOAT32 for case in _SEGMENTS},
    (_ARRAYS, "segment_prod([6, 2], [6], num_segments=3)", "value/0"): _FLOAT32,
    **{(_ARRAYS, _SYMMETRIC, field): "torch leaves out the edge" for field in ("value/0", "gradient/0")},
    **{
        (
            "operations on windows",
            "average_pool([2, 6, 5, 4], pool_size=(3, 2), strides=(1, 2), padding='same')",
            field,
        ): "torch repeats the edge where there is more padding at one end"
        for field in ("value/0", "gradient/0")
    },
    **{
        (
            "layers of windows",
            "UpSampling2D(interpolation='bicubic') on (2, 5, 4, 2)",
            f"{mode}{field}/0",
        ): _KEYS
        for mode in ("inference", "training")
        for field in ("", " gradient")
    },
    **{
        ("operations on images", f"resize([2, 5, 6, 2], size={size}, interpolation='bicubic')", field): _KEYS
        for size, field in (((7, 3), "value/0"), ((7, 3), "gradient/0"), ((8, 9), "value/0"))
    },
    **{
        ("layers of images", f"AutoContrast() {_ON_SHADES}", f"{mode} gradient"): _AT_CORNER
        for mode in ("inference", "training")
    },
    **{
        (
            "layers of images",
            "Resizing(height=3, width=8, interpolation='bicubic') on (2, 5, 6, 3) shares",
            f"{mode}{field}",
        ): _KEYS
        for mode in ("inference", "training")
        for field in ("", " gradient")
    },
    ("layers of images", f"Equalization() {_ON_SHADES}", "training"): "JAX multiplies by 1/255 and loses a shade",
    (_NETWORKS, "hard_sigmoid([3, 6])", "gradient/0"): _SIXTH,
    (_ALGEBRA, "cholesky_inverse([3, 3])", "gradient/0"): _UNREAD,
    (_ALGEBRA, "cholesky_inverse([3, 3], upper=True)", "gradient/0"): _UNREAD,
    **{("attention", case, field): _SOFTMAX for case in _HEADED for field in _SEEN},
    **{
        (_WHOLE, case, field): _SOFTMAX
        for case, places in _TRANSFORMERS.items()
        for field in ("0/steps", "0/predicted/0", *(f"0/weights/{place}" for place in places))
    },
    (_WHOLE, "text by two blocks of a transformer", "0/evaluated"): _SOFTMAX,
    **{(_WHOLE, "tags of words", field): _MEASURED for field in ("0/steps", "0/evaluated")},
    (_WHOLE, "words after words", "0/steps"): _MEASURED,
    ("activations", "hard_tanh()", "gradient"): _AT_CORNER,
    ("activations", "sparse_sigmoid()", "gradient"): _AT_CORNER,
    ("activations", "relu(max_value=0.5, threshold=0.25)", "gradient"): _AT_CORNER,
    ("activations", "leaky_relu()", "gradient"): _AT_ZERO,
    ("activations", "leaky_relu(negative_slope=0.05)", "gradient"): _AT_ZERO,
    ("activations", "relu(negative_slope=0.1)", "gradient"): _AT_ZERO,
    ("activations", "hard_sigmoid()", "gradient"): "torch keeps the slope of one sixth in float32, also for float64",
    ("training in float64", "softmax, Muon", "weights/0"): "torch takes the root of a whole number in float32",
}

# parts that Keras gets wrong with torch, so that the two engines tell nothing about rounding -> reason
WRONG_WITH_TORCH = {
    "ScheduleFreeAdamW": "the momentum before the step is read after it was overwritten in place",
}

# ---- what Keras has and kmagic does not offer: name of an argument or configuration entry -> reason ----

NOT_OFFERED = {
    "lora_rank": "low-rank adaptation is outside the surface",
    "lora_alpha": "low-rank adaptation is outside the surface",
    "quantization_config": "quantisation is outside the surface",
    "gptq_unpacked_column_size": "quantisation is outside the surface",
    "sparse": "sparse tensors are outside the surface",
    "ragged": "ragged tensors are outside the surface",
    "tensor": "inputs made from other tensors come with functional models",
    "input_tensor": "inputs made from other tensors come with functional models",
    "optional": "inputs that may be absent come with functional models",
    "line_length": "the table of layers takes the width that it needs",
    "positions": "the table of layers takes the width that it needs",
    "expand_nested": "comes with nested models",
    "show_trainable": "comes with nested models",
    "layer_range": "comes with nested models",
}

# what Keras names after each kind of part (`loss`, `metric`, …) and kmagic does not: functions of the modules of parts
FIRST_BY_POSITION = ("serialize", "deserialize")

# what kmagic says beyond Keras, and why
OFFERED_BEYOND = {
    "alpha": "Keras's ELU layer leaves its alpha out of the configuration, and so forgets it when saved",
    "gain": "Keras's Identity leaves its gain out of the configuration, and so forgets it when saved",
    "delta": "Keras's Huber leaves its delta out of the configuration, and so forgets it when saved",
    "from_sorted_ids": "Keras leaves it out of a configuration where it is False",
    "seed": "Keras's SimpleRNN and RandomGrayscale leave their seed out of the configuration, and so forget it",
    "axis": "a loss used as a metric keeps its axis; Keras's BinaryCrossentropy metric fixes it at -1",
}

# ---- what of Keras's names is outside, or comes later: reason -> paths below the library ----

OUTSIDE: dict[str, tuple[str, ...]] = {
    "needs TensorFlow": ("callbacks.TensorBoard",),
    "needs Orbax": ("callbacks.OrbaxCheckpoint",),
    "comes with the files of models": ("callbacks.BackupAndRestore", "callbacks.ModelCheckpoint"),
    "chooses among layers for each image": ("layers.AugMix", "layers.RandAugment"),
    "bounding boxes are outside": ("layers.MaxNumBoundingBoxes",),
    "displaces each pixel, or solves equations, in each step": (
        "layers.RandomElasticTransform",
        "layers.RandomPerspective",
    ),
    "draws numbers, which operations do not": ("ops.image.elastic_transform",),
    "a base class is no part that a name could mean": (
        "constraints.get('Constraint')",
        "constraints.get('constraint')",
        "initializers.get('Initializer')",
        "initializers.get('initializer')",
        "losses.get('Loss')",
        "losses.get('LossFunctionWrapper')",
        "metrics.get('Metric')",
        "metrics.get('metric')",
        "optimizers.get('optimizer')",
        "regularizers.get('Regularizer')",
        "regularizers.get('regularizer')",
    ),
    "needs a function or an optimizer, which a name cannot give": (
        "metrics.get('MeanMetricWrapper')",
        "metrics.get('mean_metric_wrapper')",
        "optimizers.get('optimizermap')",
    ),
    "only says in Keras too that it is gone": ("optimizers.legacy",),
    "there are no complex numbers": (
        "ops.fft",
        "ops.fft2",
        "ops.ifft2",
        "ops.irfft",
        "ops.istft",
        "ops.polar",
        "ops.rfft",
        "ops.stft",
        "ops.view_as_complex",
        "ops.view_as_real",
    ),
}


def is_outside(path: str) -> bool:
    """Whether a name of Keras stands in the table, itself or its whole module; some operations have two names."""
    path = re.sub(r"^ops\.(linalg|nn|numpy)\.", "ops.", path)
    entries = {entry for paths in OUTSIDE.values() for entry in paths}
    return path in entries or f"{path.rpartition('.')[0]}.*" in entries
