"""Numbers too large or too close together for a model, and pictures that are scaled twice."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.layers.layer import Layer
from kmagic.layers.preprocessing import Normalization, Rescaling
from kmagic.models import preparation
from kmagic.models.diagnosis.facts import ArrayFacts, Facts
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.data import attach, scale_targets
from kmagic.models.diagnosis.fixes.layers import insert_first, set_option

_LARGE = 100.0  # a column's mean or deviation above this: networks start with weights made for numbers near 1
_BYTES = 255.0
_SQUARED = 1e18  # numbers whose squares are near the end of float32
_PIXELS = 16  # whole bytes of rows at least this long are taken for pictures
_TAKES_LARGE = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "GroupNormalization",
                "UnitNormalization", "RMSNormalization", "Embedding")  # fmt: skip


def is_picture(found: ArrayFacts) -> bool:
    """Whether an array holds whole numbers of bytes, in the form of pictures."""
    in_range = found.is_whole and found.low is not None and found.low >= 0 and 30 < (found.high or 0) <= _BYTES
    rows = found.shape[1:]
    return in_range and (len(rows) >= 3 or (found.dtype == "uint8" and int(np.prod(rows)) >= _PIXELS))


def weighs_numbers(layers: list[Layer] | None) -> bool:
    """Whether each of these layers multiplies what it is given by weights, as it is."""
    return bool(layers) and all(
        type(layer).__module__.startswith("kmagic.layers.")
        and type(layer).__name__ not in _TAKES_LARGE
        and layer.trainable_weights
        for layer in layers or ()
    )


@rule("K124", "features that are not scaled", once=True)
def unscaled(facts: Facts) -> Finding | None:
    """Features in the hundreds or thousands, or bytes of pictures, that go straight to weights."""
    for number, found in enumerate(facts.x):
        if not found.is_number or found.low is None or not weighs_numbers(facts.first_layers(number)):
            continue
        if is_picture(found):
            fix = insert_first(facts, lambda: Rescaling(1 / 255), "Rescale by 1/255", number)
            seen = f"{found.name} is {found.low:g} … {found.high:g} ({found.dtype})"
            return Finding("K124", "warning", f"{seen}: networks learn from numbers near 1", (fix,))
        worst = _largest_column(found)
        if worst is not None:
            return Finding("K124", "warning", _said(found, worst), (_normalised(facts, number),))
    return None


def _largest_column(found: ArrayFacts) -> int | None:
    if found.columns is None:
        return None
    sizes = np.fmax(abs(found.columns.mean), found.columns.std)
    worst = int(np.nanargmax(sizes))
    return worst if sizes[worst] > _LARGE else None


def _said(found: ArrayFacts, column: int) -> str:
    assert found.columns is not None
    mean, std = rounded(found.columns.mean[column]), rounded(found.columns.std[column])
    title = f"{found.column_title(column)} of {found.name}" if found.shape[1:] else found.name
    return f"{title} is about {mean} with deviation {std}: networks learn from numbers near 1"


def rounded(value: float) -> str:
    """Two digits of a number, without an exponent where it is readable so.

    >>> rounded(1034.2), rounded(-0.01234), rounded(1.7e12)
    ('1000', '-0.012', '1.7e+12')
    """
    kept = float(f"{value:.2g}")
    return f"{kept:.0f}" if 100 <= abs(kept) < 1e7 else f"{kept:g}"


def _normalised(facts: Facts, number: int) -> Fix:
    """A normalisation in front, with the statistics of the data; beyond float32 it is done before the cast."""
    found = facts.x[number]
    assert found.columns is not None
    if _lost(found).any() or _magnitude(found) > _SQUARED:
        return standardized(facts, number)
    mean, std = found.columns.mean, spread(found)
    make = functools.partial(Normalization, mean=mean.tolist(), variance=(std**2).tolist())
    fix = insert_first(facts, make, "Normalise the columns", number)
    if len(facts.x) > 1:
        return fix
    code = "layer = kmagic.layers.Normalization(); layer.adapt(x); kmagic.models.editing.insert_first(model, layer)"
    return Fix(fix.label, code, fix.change, fix.case)


def spread(found: ArrayFacts) -> Any:
    """The deviation of each column, 1 where it never changes."""
    assert found.columns is not None
    std = np.where(found.columns.high > found.columns.low, found.columns.std, 1.0)
    widest = np.fmax(abs(found.columns.low), abs(found.columns.high))  # where squares overflow
    return np.where(np.isfinite(std) & (std > 0), std, np.where(widest > 0, widest, 1.0))


def standardized(facts: Facts, number: int) -> Fix:
    """Columns shifted and scaled in float64, before they become float32."""
    found = facts.x[number]
    assert found.columns is not None
    middle = np.where(np.isfinite(found.columns.mean), found.columns.mean, 0.0)
    scale = spread(found)
    step = preparation.Standardize(middle.tolist(), scale.tolist(), number)
    return attach(facts, "Standardise the columns in float64", step)


@rule("K202", "numbers beyond float32", always=True)
def beyond_float32(facts: Facts) -> Finding | None:
    """Numbers that become infinite when the model casts them."""
    largest = float(np.finfo(floatx()).max)
    inputs = list(enumerate(facts.x)) if facts.output == 0 else []
    for number, found in inputs:
        if _magnitude(found) > largest:
            return _too_large(found, largest, (standardized(facts, number),) if found.columns is not None else ())
    if facts.y is not None and facts.y.is_number and _magnitude(facts.y) > largest:
        return _too_large(facts.y, largest, (scale_targets(facts, 0.0, _magnitude(facts.y)),))
    return None


def _magnitude(found: ArrayFacts) -> float:
    return max(abs(found.low or 0.0), abs(found.high or 0.0))


def _too_large(found: ArrayFacts, largest: float, fixes: tuple[Fix, ...]) -> Finding:
    title = found.name
    if found.columns is not None and found.shape[1:]:
        sizes = np.fmax(abs(found.columns.low), abs(found.columns.high))
        title = f"{found.column_title(int(np.nanargmax(sizes)))} of {found.name}"
    message = f"{title} reaches {_magnitude(found):.3g}, and {floatx()} ends at {largest:.3g}"
    return Finding("K202", "error", message, fixes, is_meaningless=True)


@rule("K203", "differences that float32 loses", once=True)
def lost_differences(facts: Facts) -> Finding | None:
    """Columns of large numbers, such as seconds since 1970, whose differences float32 does not hold."""
    for number, found in enumerate(facts.x):
        if not found.is_number or found.columns is None or _takes_numbers_of_rows(facts, number):
            continue
        lost = _lost(found)
        if lost.any():
            column = int(np.argmax(lost))
            mean, std = found.columns.mean[column], found.columns.std[column]
            message = (
                f"{found.column_title(column)} of {found.name} is about {rounded(mean)}, where {floatx()} knows steps "
                f"of {_step(mean):g}: differences of {rounded(std)} are lost"
            )
            return Finding("K203", "warning", message, (standardized(facts, number),))
    return None


def _lost(found: ArrayFacts) -> Any:
    """Which columns vary by less than a few steps of float32."""
    assert found.columns is not None
    if found.dtype in ("float32", "float16", "bool") or floatx() != "float32":
        return np.zeros(found.columns.low.shape, bool)
    size = np.fmin(np.fmax(abs(found.columns.low), abs(found.columns.high)), 1e38)
    return (found.columns.std > 0) & (found.columns.std < 4 * np.spacing(size.astype("float32")))


def _step(value: float) -> float:
    return float(np.spacing(np.float32(abs(value))))


def _takes_numbers_of_rows(facts: Facts, number: int) -> bool:
    return any(type(layer).__name__ == "Embedding" for layer in facts.first_layers(number) or ())


@rule("K205", "pictures that are scaled twice", once=True)
def scaled_twice(facts: Facts) -> Finding | None:
    """Pictures between 0 and 1 before a layer that divides them by 255 again."""
    for number, found in enumerate(facts.x):
        if not found.is_number or found.low is None or found.high is None or not 0.1 < found.high <= 1 or found.low < 0:
            continue
        for layer in facts.first_layers(number) or ():
            scale = getattr(layer, "scale", None) if isinstance(layer, Rescaling) else None
            if isinstance(scale, int | float) and 0 < scale <= 0.02:
                offset = f" and offset={layer.offset:g}" if layer.offset else ""
                message = (
                    f"{found.name} is {found.low:g} … {found.high:g} already, and Rescaling multiplies by "
                    f"{scale:.3g}{offset}, as for bytes"
                )
                fix = set_option(facts, layer, "Scale for numbers up to 1", scale=scale * 255)
                return Finding("K205", "warning", message, (fix,))
    return None
