"""pad_sequences: what Keras 3.15.1 gives, and what it refuses."""

from typing import Any

import numpy as np
import pytest

from kmagic.utils import pad_sequences

ROWS = [[1], [2, 3], [4, 5, 6, 7]]

# what Keras 3.15.1 gave
GIVEN: list[tuple[Any, dict[str, Any], Any]] = [
    (ROWS, {}, [[0, 0, 0, 1], [0, 0, 2, 3], [4, 5, 6, 7]]),
    (ROWS, {"maxlen": 3}, [[0, 0, 1], [0, 2, 3], [5, 6, 7]]),
    (
        ROWS,
        {"maxlen": 3, "padding": "post", "truncating": "post", "value": -1},
        [[1, -1, -1], [2, 3, -1], [4, 5, 6]],
    ),
    ([[1.5], [2.5, 3.5]], {"dtype": "float32", "value": 0.5}, [[0.5, 1.5], [2.5, 3.5]]),
    ([["a", "b"], ["c"]], {"dtype": object, "value": "-"}, [["a", "b"], ["-", "c"]]),
    ([[[1, 2], [3, 4]], [[5, 6]]], {}, [[[1, 2], [3, 4]], [[0, 0], [5, 6]]]),
    ([[], [1]], {}, [[0], [1]]),
]


@pytest.mark.parametrize(("rows", "options", "expected"), GIVEN)
def test_as_keras_pads(rows: Any, options: dict[str, Any], expected: Any) -> None:
    result = pad_sequences(rows, **options)
    assert result.tolist() == expected and result.dtype == np.dtype(options.get("dtype", "int32"))


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([1, 2], {}, "Found non-iterable: 1"),
        ([[1]], {"padding": "x"}, "padding is 'x'"),
        ([[1]], {"truncating": "x"}, "truncating is 'x'"),
        ([[1]], {"value": "-"}, "dtype=object"),
        ([[[1, 2]], [[1]]], {}, "sequence 1"),
    ],
)
def test_what_keras_refuses_with_a_value_error(rows: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pad_sequences(rows, **options)


def test_no_sequences_at_all() -> None:
    with pytest.raises(TypeError, match="`sequences` is 3"):
        pad_sequences(3)
