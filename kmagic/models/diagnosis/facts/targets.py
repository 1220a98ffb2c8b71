"""How the targets of an output lie to its shape, and what kind of labels they hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from kmagic.models.diagnosis.facts.facts import Facts

Array = np.ndarray[Any, Any]

MANY_CLASSES = 1000  # up to so many whole numbers are taken for classes
_SAMPLE = 1 << 16
_HAS_EACH = 3  # labels that occur so often on average are classes, rarer ones quantities


def values_of(facts: Facts) -> Array:
    """The targets themselves, none where there are none."""
    return np.empty(0) if facts.y is None or facts.y.array is None else facts.y.array


def is_a_number_each(facts: Facts) -> bool:
    """Whether there is one number for each place of the output: (n,) or (n, 1) for rows of classes."""
    if facts.y is None or facts.output_shape is None or not _are_numbers(facts):
        return False
    places, given = facts.output_shape[1:-1], facts.y.shape[1:]
    return bool(facts.output_shape[1:]) and (agree(given, places) or agree(given, (*places, 1)))


def is_a_row_each(facts: Facts) -> bool:
    """Whether there is a row of several numbers for each place of the output, of whatever width."""
    if facts.y is None or facts.output_shape is None or not _are_numbers(facts):
        return False
    places, given = facts.output_shape[1:-1], facts.y.shape[1:]
    return len(given) == len(places) + 1 and given[-1] > 1 and agree(given[:-1], places)


def fits_units(facts: Facts) -> bool:
    """Whether there is a number for each unit of the output."""
    if facts.units == 1:
        return is_a_number_each(facts)
    return is_a_row_each(facts) and facts.y is not None and facts.y.shape[-1] == facts.units


def holds_bits(facts: Facts) -> bool:
    """Whether all targets are 0 or 1, and both occur."""
    return facts.y is not None and facts.y.is_whole and (facts.y.low, facts.y.high) == (0, 1)


def columns(facts: Facts) -> int:
    """How many numbers there are for each place of the output; as many as units where that cannot be told."""
    if is_a_number_each(facts):
        return 1
    return facts.y.shape[-1] if facts.y is not None and is_a_row_each(facts) else facts.units or 1


def _are_numbers(facts: Facts) -> bool:
    """Whether the targets are numbers, all of them finite."""
    return facts.y is not None and facts.y.is_number and facts.y.low is not None and not facts.y.bad


def agree(given: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    """Whether sizes are those that are wanted, as far as these are known."""
    return len(given) == len(wanted) and all(w in (None, g) for g, w in zip(given, wanted, strict=True))


def are_swapped(facts: Facts) -> bool:
    """Whether what is given as targets fits the input, and what is given as features does not, but the output."""
    if facts.outputs > 1 or len(facts.x) != 1 or facts.y is None or not facts.output_shape:
        return False
    wanted, output = facts.model.input_shape, tuple(facts.output_shape[1:])
    if not isinstance(wanted, tuple) or len(wanted) < 2 or wanted[1:] == output:
        return False
    x, y = facts.x[0].shape, facts.y.shape
    if len(x) == 1 and wanted[1:] == (1,):
        return False
    fits_output = x[1:] in ((), (1,)) or agree(x[1:], output) or x[1:] == (facts.output_shape[-1],)
    return fits_output and not agree(x, wanted) and agree(y, wanted)


def labels(facts: Facts) -> list[Any] | None:
    """The distinct target values in order, None where they are too many; of large arrays a sample is looked at."""
    if facts.y is None or not _are_numbers(facts):
        return None
    if facts.y.values is not None:
        return sorted(map(_plain, facts.y.values))
    flat = facts.y.sample.reshape(-1)
    found = np.unique(flat[:: max(1, flat.size // _SAMPLE)])
    return [_plain(label) for label in found.tolist()] if len(found) <= MANY_CLASSES else None


def _plain(label: Any) -> Any:
    """Whole numbers without a point, so that messages and code read well."""
    return int(label) if isinstance(label, bool | float) and float(label).is_integer() else label


def classes(facts: Facts) -> list[Any] | None:
    """The distinct target values where they look like classes: few, and each of them several times."""
    found = labels(facts)
    if found is None or facts.y is None:
        return None
    is_few = len(found) == 2 or 2 < len(found) * _HAS_EACH <= values_of(facts).size
    return found if is_few else None


def extent(facts: Facts) -> str:
    """The range of the targets, for messages."""
    if facts.y is None or facts.y.low is None or facts.y.high is None:
        return ""
    low, high = number(facts.y.low), number(facts.y.high)
    return low if low == high else f"{low} … {high}"


def number(value: float) -> str:
    """A number in a message: whole ones in full, others with four digits.

    >>> number(120000.0), number(0.123456)
    ('120000', '0.1235')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
