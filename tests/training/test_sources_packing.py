"""Packing a batch: what a step gets as its data, as Keras packs it."""

from __future__ import annotations

import numpy as np
import pytest

from kmagic.base.errors import BadData
from kmagic.utils import pack_x_y_sample_weight, unpack_x_y_sample_weight

X, Y, W = np.zeros((4, 2)), np.ones(4), np.full(4, 0.5)


@pytest.mark.parametrize("given", [(X,), (X, Y), (X, Y, W), ([X, X], Y), ({"a": X}, Y), ([X, X],), ((X, X),)])
def test_unpacking_gives_what_was_packed(given: tuple[object, ...]) -> None:
    x, y, sample_weight = unpack_x_y_sample_weight(pack_x_y_sample_weight(*given))
    for found, expected in zip((x, y, sample_weight), (*given, None, None), strict=False):
        assert found is expected


def test_a_single_array_is_packed_as_itself() -> None:
    assert pack_x_y_sample_weight(X) is X


def test_a_list_counts_as_a_packed_batch() -> None:
    assert unpack_x_y_sample_weight([X, Y])[1] is Y


@pytest.mark.parametrize("data", [(), (1, 2, 3, 4)])
def test_other_numbers_of_parts_are_refused(data: tuple[int, ...]) -> None:
    with pytest.raises(BadData, match="Data is expected to be in format"):
        unpack_x_y_sample_weight(data)
