"""Masks go with values: symbols and arrays, and not longer than these live."""

import gc

import numpy as np

from kmagic.graph import masks
from kmagic.graph.masks import mask_of, with_mask, without_mask
from kmagic.graph.ops.source import input_symbol

MASK = np.array([True, False])


def test_a_value_gets_a_mask_and_what_was_given_keeps_its_own() -> None:
    for value in (np.ones(2), input_symbol((2,), "float32", "x")):
        masked = with_mask(value, MASK)
        assert mask_of(masked) is MASK and mask_of(value) is None
        again = with_mask(masked, ~MASK)
        assert mask_of(again).tolist() == [False, True] and mask_of(masked) is MASK
        assert with_mask(value, None) is value
        bare = without_mask(masked)
        assert mask_of(bare) is None and mask_of(masked) is MASK and without_mask(bare) is bare
    assert mask_of(None) is None and mask_of([1]) is None


def test_the_mask_of_an_array_goes_with_it() -> None:
    before = len(masks._of_arrays)
    kept = with_mask(np.ones(2), MASK)
    for _ in range(100):
        with_mask(np.ones(2), MASK)
    gc.collect()
    assert len(masks._of_arrays) == before + 1 and mask_of(kept) is MASK
