"""Elementary functions, questions and bits."""

import math

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

_TWO = {"shapes": ((4,), (4,))}
_WHOLE = {"dtypes": ("int32",), "low": -9.0, "high": 9.0}
_SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 1e300, 1e-300, 0.5])


def _specially(name, **options):
    """A function of one or two numbers on all combinations of special ones."""
    first, second = (grid.ravel() for grid in np.meshgrid(_SPECIAL, _SPECIAL))
    ours, theirs = getattr(ops, name), getattr(np, name)
    if options.pop("arity", 2) == 1:
        return Call(
            lambda x: ours(ops.where(x < 9, _SPECIAL, x)),
            lambda x: theirs(_SPECIAL),
            batch=False,
            smooth=False,
            shapes=((10,),),
        )
    return Call(
        lambda x: ours(ops.where(x < 9, first, x), second),
        lambda x: theirs(first, second),
        shapes=((100,),),
        batch=False,
        smooth=False,
        **options,
    )


EXAMPLES = {
    "round": [
        Call(ops.round, np.round, smooth=False),
        Call(lambda x: ops.round(x, 2), lambda x: np.round(x, 2), smooth=False),
        Call(lambda x: ops.round(x * 99, -1), lambda x: np.round(x * 99, -1), smooth=False),
        Call(lambda x: ops.round(x + 0), lambda x: x, **_WHOLE),
        Call(lambda x: ops.round(x, -1), lambda x: np.round(x, -1), dtypes=("int32",), low=-99, high=99),
    ],
    "where": [
        Call(lambda x: ops.where(x > 0, x, 0.0), lambda x: np.where(x > 0, x, 0.0), smooth=False),
        Call(lambda: ops.where(np.array([True, False])), lambda: [np.array([0], "int32")], shapes=(), batch=False),
    ],
    "bitwise_not": [
        Call(ops.bitwise_not, np.invert, **_WHOLE),
        Call(ops.bitwise_not, np.invert, dtypes=("uint8",), low=0, high=255),
        Call(lambda x: ops.bitwise_not(x > 0), lambda x: ~(x > 0)),
    ],
    "bitwise_invert": [Call(ops.bitwise_invert, np.invert, **_WHOLE)],
    "left_shift": [Call(lambda x: ops.left_shift(x, 3), lambda x: x << 3, **_WHOLE)],
    "right_shift": [Call(lambda x: ops.right_shift(x, 2), lambda x: x >> 2, **_WHOLE)],
    "isinf": [_specially("isinf", arity=1), Call(ops.isinf, np.isinf, **_WHOLE)],
    "isposinf": [_specially("isposinf", arity=1)],
    "isneginf": [_specially("isneginf", arity=1)],
    "isreal": [Call(ops.isreal, np.isreal)],
    "isclose": [
        _specially("isclose"),
        Call(lambda x: ops.isclose(x, 0.5, atol=0.5), lambda x: np.isclose(x, 0.5, atol=0.5)),
        Call(lambda x: ops.isclose(x, x * np.nan, equal_nan=True), lambda x: np.zeros(x.shape, bool)),
        Call(lambda x: ops.isclose(x / 0 * 0, np.nan, equal_nan=True), lambda x: np.ones(x.shape, bool)),
        Call(lambda x: ops.isclose(x, 3), lambda x: x == 3, **_WHOLE),
    ],
    "allclose": [
        Call(lambda x: ops.allclose(x, x + 1e-9), lambda x: np.array(True)),
        Call(lambda x: ops.allclose(x, x + 1e-3), lambda x: np.array(False)),
    ],
    "logaddexp2": [_specially("logaddexp2"), Call(ops.logaddexp2, np.logaddexp2, **_TWO)],
    "exp2": [
        _specially("exp2", arity=1),
        Call(ops.exp2, np.exp2),
        Call(ops.exp2, lambda x: np.exp2(x).astype("float32"), **_WHOLE),
    ],
    "sinc": [Call(ops.sinc, np.sinc), Call(lambda x: ops.sinc(x * [0, 1, 1, 1]), lambda x: np.sinc(x * [0, 1, 1, 1]))],
    "deg2rad": [Call(ops.deg2rad, np.deg2rad)],
    "rad2deg": [Call(ops.rad2deg, np.rad2deg)],
    "trunc": [
        Call(ops.trunc, np.trunc, smooth=False),
        _specially("trunc", arity=1),
        Call(lambda x: ops.trunc(x + 0), np.copy, **_WHOLE),
    ],
    "fabs": [Call(ops.fabs, np.fabs), Call(ops.fabs, lambda x: np.fabs(x).astype("float32"), **_WHOLE)],
    "fmod": [
        Call(ops.fmod, np.fmod, **_TWO, smooth=False),
        _specially("fmod"),
        Call(lambda x: ops.fmod(x, 4), lambda x: np.fmod(x, np.int32(4)), **_WHOLE),
    ],
    "fmax": [_specially("fmax"), Call(ops.fmax, np.fmax, **_TWO)],
    "fmin": [_specially("fmin"), Call(ops.fmin, np.fmin, **_TWO)],
    "divide_no_nan": [
        Call(lambda x: ops.divide_no_nan(x, [0.0, 1, 2, 0]), lambda x: x * [0, 1, 0.5, 0]),
        Call(ops.divide_no_nan, np.divide, **_TWO),
    ],
    "heaviside": [
        _specially("heaviside"),
        Call(lambda x: ops.heaviside(x, 0.5), lambda x: np.heaviside(x, 0.5).astype("float32"), **_WHOLE),
    ],
    "ldexp": [
        Call(lambda x: ops.ldexp(x, 3), lambda x: np.ldexp(x, 3)),
        Call(lambda x: ops.ldexp(x, 1030) * 2.0**-1000, lambda x: np.ldexp(x, 30), low=-1e-8, high=1e-8),
        Call(lambda x: ops.ldexp(1.5, x), lambda x: np.ldexp(np.float32(1.5), x), **_WHOLE),
    ],
    "gcd": [
        Call(ops.gcd, np.gcd, **_TWO, dtypes=("int32",), low=-30, high=30),
        Call(lambda x: ops.gcd(x, 12), lambda x: np.gcd(x, np.int32(12)), **_WHOLE),
    ],
    "lcm": [Call(ops.lcm, np.lcm, **_TWO, dtypes=("int32",), low=-30, high=30)],
    "nan_to_num": [
        _specially("nan_to_num", arity=1),
        Call(
            lambda x: ops.nan_to_num(x * 0 + _SPECIAL, 1.0, 2.0, 3.0),
            lambda x: np.nan_to_num(_SPECIAL, True, 1.0, 2.0, 3.0),
            shapes=((10,),),
            batch=False,
            smooth=False,
        ),
        Call(lambda x: ops.nan_to_num(x + 0), np.copy, **_WHOLE),
    ],
    "view": [
        Call(lambda x: ops.view(x, "int64"), lambda x: x.view("int64")),
        Call(
            lambda: ops.view(np.arange(4, dtype="int16"), "int64"),
            lambda: np.arange(4, dtype="int16").view("int64"),
            shapes=(),
            batch=False,
        ),
    ],
    "signbit": [
        _specially("signbit", arity=1),
        Call(ops.signbit, np.signbit, dtypes=("float32",)),
        Call(ops.signbit, lambda x: x < 0, **_WHOLE),
    ],
    "nextafter": [
        _specially("nextafter", tolerance=0),
        Call(ops.nextafter, np.nextafter, **_TWO, tolerance=0, smooth=False),
    ],
    "saturate_cast": [
        Call(lambda x: ops.saturate_cast(x * 300, "uint8"), lambda x: np.clip(x * 300, 0, 255).astype("uint8")),
        Call(
            lambda x: ops.saturate_cast(x, "int32"),
            lambda x: np.clip(x.astype("float64"), -(2**31), 2**31 - 128).astype("int32"),
            dtypes=("float32",),
            low=-1e10,
            high=1e10,
        ),
        Call(lambda x: ops.saturate_cast(x, "uint8"), lambda x: np.clip(x, 0, 255).astype("uint8"), **_WHOLE),
        Call(
            lambda x: ops.saturate_cast(x * 1e300, "float32"),
            lambda x: np.sign(x).astype("float32") * np.finfo("f4").max,
        ),
    ],
    "real": [Call(ops.real, np.real)],
    "imag": [Call(ops.imag, np.imag, smooth=False)],
    "angle": [Call(ops.angle, np.angle, smooth=False)],
    "conjugate": [Call(ops.conjugate, np.conjugate)],
    "conj": [Call(ops.conj, np.conj)],
    "digamma": [
        Call(
            lambda x: ops.digamma(x + 1) - ops.digamma(x),
            lambda x: 1 / x,
            low=-4.9,
            high=9.0,
            tolerance=1e-9,
            smooth=False,
        ),
        Call(
            lambda x: ops.digamma(x * 0 + np.array([1.0, 0.5, -0.5, 1e-3])),
            lambda x: np.broadcast_to(
                [
                    -np.euler_gamma,
                    -np.euler_gamma - 2 * math.log(2),
                    2 - np.euler_gamma - 2 * math.log(2),
                    -1000.5755719318,
                ],
                x.shape,
            ),
            smooth=False,
        ),
        Call(ops.digamma, lambda x: _slope_of_gammaln(x), low=0.5, high=9.0, tolerance=1e-8),
    ],
    "i0": [Call(ops.i0, np.i0, low=-30, high=30, tolerance=1e-11, smooth=False), Call(ops.i0, np.i0)],
}


def _slope_of_gammaln(x):
    function = np.vectorize(math.lgamma)
    return (function(x + 1e-5) - function(x - 1e-5)) / 2e-5
