"""Statistics, also of values that may be missing."""

import numpy as np

from kmagic import ops
from tests.laws.function_examples.call import Call

_WHOLE = {"dtypes": ("int32",), "low": -9.0, "high": 9.0}
_COUNTS = {"dtypes": ("int32",), "low": 0.0, "high": 5.0}
_METHODS = ("linear", "lower", "higher", "midpoint")


def _holes(x):
    """x with some entries missing, without a branch."""
    return x + np.array([0.0, np.nan, 0.0, 0.0])


def _skipping(name):
    """A reduction that passes over NaN, in each of its forms."""
    ours, theirs = getattr(ops, name), getattr(np, name)
    return [
        Call(lambda x: ours(_holes(x)), lambda x: theirs(_holes(x))),
        Call(lambda x: ours(_holes(x), axis=1), lambda x: theirs(_holes(x), axis=1)),
        Call(lambda x: ours(x, axis=0, keepdims=True), lambda x: theirs(x, axis=0, keepdims=True)),
    ]


def _nothing_known(name, value):
    """What comes of NaN only."""
    ours = getattr(ops, name)
    return Call(lambda x: ours(x * np.nan, axis=1), lambda x: np.full(len(x), value), smooth=False)


EXAMPLES = {
    "average": [
        Call(ops.average, np.average),
        Call(lambda x: ops.average(x, 1, [1.0, 2, 3, 4]), lambda x: np.average(x, 1, [1.0, 2, 3, 4])),
        Call(
            lambda x, y: ops.average(x, weights=y), lambda x, y: np.average(x, weights=y), shapes=((4,), (4,)), low=0.1
        ),
        Call(lambda x, y: ops.average(x, 0, y), lambda x, y: np.average(x, 0, y), shapes=((4,), ()), low=0.1),
        Call(lambda x: ops.average(x, 0), lambda x: np.average(x, 0).astype("float32"), **_WHOLE),
    ],
    "quantile": [
        Call(
            lambda x, m=method: ops.quantile(x, 0.3, axis=1, method=m),
            lambda x, m=method: np.quantile(x, 0.3, axis=1, method=m),
            shapes=((5,),),
        )
        for method in (*_METHODS, "nearest")
    ]
    + [
        Call(ops.quantile, np.quantile, shapes=((4,), ()), low=0, high=1, batch=False, smooth=False),
        Call(lambda x: ops.quantile(x, [0.1, 0.5, 1.0]), lambda x: np.quantile(x, [0.1, 0.5, 1.0])),
        Call(
            lambda x: ops.quantile(x, [0.25, 0.9], axis=(0, 2), keepdims=True),
            lambda x: np.quantile(x, [0.25, 0.9], axis=(0, 2), keepdims=True),
            shapes=((3, 2),),
        ),
        Call(
            lambda x: ops.quantile(_holes(x), 0.5, axis=0), lambda x: np.quantile(_holes(x), 0.5, axis=0), smooth=False
        ),
        Call(lambda x: ops.quantile(x, 0.3), lambda x: np.quantile(x, 0.3).astype("float32"), **_WHOLE),
        Call(
            lambda x: ops.quantile(x * [np.inf, np.inf, 1, 1], 1.0, axis=1),
            lambda x: np.max(x * [np.inf, np.inf, 1, 1], 1),
            smooth=False,
        ),
    ],
    "percentile": [Call(lambda x: ops.percentile(x, 30, axis=1), lambda x: np.percentile(x, 30, axis=1))],
    "median": [
        Call(ops.median, np.median),
        Call(lambda x: ops.median(x, axis=1), lambda x: np.median(x, axis=1)),
        Call(lambda x: ops.median(x, axis=0, keepdims=True), lambda x: np.median(x, axis=0, keepdims=True)),
    ],
    "nanquantile": [
        Call(
            lambda x, m=method: ops.nanquantile(_holes(x), [0.2, 0.6], axis=1, method=m),
            lambda x, m=method: np.nanquantile(_holes(x), [0.2, 0.6], axis=1, method=m),
        )
        for method in _METHODS
    ],
    "nanpercentile": [
        Call(lambda x: ops.nanpercentile(_holes(x), 30, 1), lambda x: np.nanpercentile(_holes(x), 30, 1)),
        _nothing_known("nanmedian", np.nan),
    ],
    "nanmedian": _skipping("nanmedian"),
    "ptp": [Call(lambda x: ops.ptp(x, axis=1), lambda x: np.ptp(x, axis=1)), Call(ops.ptp, np.ptp)],
    "count_nonzero": [
        Call(ops.count_nonzero, lambda x: np.array(np.count_nonzero(x), "int32"), **_COUNTS),
        Call(lambda x: ops.count_nonzero(x, 1), lambda x: np.count_nonzero(x, 1).astype("int32"), **_COUNTS),
        Call(lambda x: ops.count_nonzero(x > 0, 0), lambda x: np.count_nonzero(x > 0, 0).astype("int32")),
    ],
    "corrcoef": [
        Call(ops.corrcoef, np.corrcoef, shapes=((3, 5),), batch=False),
        Call(lambda x: ops.corrcoef(x), lambda x: np.array(1.0), batch=False, smooth=False),
    ],
    "bincount": [
        Call(
            lambda x: ops.bincount(x, minlength=5),
            lambda x: np.bincount(x, minlength=5).astype("int32"),
            shapes=((),),
            **_COUNTS,
        ),
        Call(
            lambda x: ops.bincount(x, minlength=5),
            lambda x: np.array([np.bincount(row, minlength=5) for row in x], "int32"),
            **_COUNTS,
        ),
        Call(
            lambda x, w: ops.bincount(x, w, 6),
            lambda x, w: np.bincount(x, w, 6),
            shapes=((), ()),
            dtypes=("int32", "float64"),
            low=0,
            high=5,
        ),
        Call(lambda: ops.bincount([1, 3, 1]), lambda: np.array([0, 2, 0, 1], "int32"), shapes=(), batch=False),
    ],
    "histogram": [
        Call(lambda x: ops.histogram(x, 4), lambda x: _histogram(x, 4)),
        Call(lambda x: ops.histogram(x, 3, range=(-1, 1.5)), lambda x: _histogram(x, 3, range=(-1, 1.5)), smooth=False),
        Call(
            lambda x: ops.histogram(x, [-1.0, 0.0, 0.5, 2.0]),
            lambda x: (_histogram(x, [-1.0, 0.0, 0.5, 2.0])[0], np.array([-1, 0, 0.5, 2], "float32")),
            smooth=False,
        ),
        Call(lambda x: ops.histogram(x * 0 + 3.0, 2), lambda x: _histogram(x * 0 + 3.0, 2), smooth=False),
    ],
    **{name: _skipping(name) for name in ("nansum", "nanprod", "nanmax", "nanmin", "nanmean", "nanvar", "nanstd")},
    "nancumsum": [Call(lambda x: ops.nancumsum(_holes(x), 1), lambda x: np.nancumsum(_holes(x), 1))],
    "nancumprod": [Call(lambda x: ops.nancumprod(_holes(x), 1), lambda x: np.nancumprod(_holes(x), 1))],
    "nanargmax": [
        Call(lambda x: ops.nanargmax(_holes(x), 1), lambda x: np.nanargmax(_holes(x), 1).astype("int32")),
        _nothing_known("nanargmax", np.int32(-1)),
    ],
    "nanargmin": [Call(lambda x: ops.nanargmin(_holes(x)), lambda x: np.array(np.nanargmin(_holes(x)), "int32"))],
}
EXAMPLES["nanmax"].append(_nothing_known("nanmax", np.nan))
EXAMPLES["nansum"].append(_nothing_known("nansum", 0.0))


def _histogram(x, *args, **kwargs):
    counts, edges = np.histogram(x, *args, **kwargs)
    return counts.astype(x.dtype), edges
