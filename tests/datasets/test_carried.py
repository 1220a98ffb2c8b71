"""The carried data are the published ones, untouched, and split as promised."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from kmagic.datasets import Split, breast_cancer, digits

SHA256 = {
    "digits": "2d369bb8aa09ce09a267bf693bed248eeeef07ca82851794b5bd7696aab5b115",
    "breast_cancer": "b86ba648f0f8687be52293cbae826476d5a67c8a36c06ebb2cb8c54c65bfb9ae",
}


def joined(data: Split) -> tuple[np.ndarray, np.ndarray]:
    (x_train, y_train), (x_test, y_test) = data
    return np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])


@pytest.mark.parametrize("name", SHA256)
def test_files_are_untouched(root: Path, name: str) -> None:
    content = (root / "kmagic" / "datasets" / "files" / f"{name}.npz").read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256[name]


def test_digits_are_the_published_ones() -> None:
    x, y = joined(digits())
    assert (x.shape, x.dtype, y.dtype) == ((1797, 8, 8), np.uint8, np.int64)
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (x.min(), x.max()) == (0, 16)
    # the first row of the published file, a zero
    zero = "0,0,5,13,9,1,0,0,0,0,13,15,10,15,5,0,0,3,15,2,0,11,8,0,0,4,12,0,0,8,8,0"
    zero += ",0,5,8,0,0,9,8,0,0,4,11,0,1,12,7,0,0,2,14,5,10,12,0,0,0,0,6,13,10,0,0,0"
    (row,) = np.flatnonzero((x.reshape(-1, 64) == np.array(zero.split(","), np.uint8)).all(axis=1))
    assert y[row] == 0


def test_breast_cancer_is_the_published_one() -> None:
    x, y = joined(breast_cancer())
    assert (x.shape, x.dtype, y.dtype) == ((569, 30), np.float64, np.int64)
    assert np.bincount(y).tolist() == [212, 357]
    # smallest and largest radius, texture, perimeter and area, from the description of the set
    np.testing.assert_allclose(x[:, :4].min(axis=0), [6.981, 9.71, 43.79, 143.5])
    np.testing.assert_allclose(x[:, :4].max(axis=0), [28.11, 39.28, 188.5, 2501.0])
    # the first two measures of patient 842302, a malignant mass
    (row,) = np.flatnonzero((x[:, 0] == 17.99) & (x[:, 1] == 10.38))
    assert (x[row, 2], x[row, 3], x[row, 29], y[row]) == (122.8, 1001.0, 0.1189, 0)


@pytest.mark.parametrize("load", [digits, breast_cancer])
def test_rows_are_mixed(load: object) -> None:
    """Validation takes the last rows: their classes must be like those of all."""
    (_, y), _ = load()  # type: ignore[operator]
    shares = np.bincount(y) / len(y)
    last = np.bincount(y[-len(y) // 5 :], minlength=len(shares)) / (len(y) // 5)
    assert np.abs(last - shares).max() < 0.06


@pytest.mark.parametrize("load", [digits, breast_cancer])
def test_every_class_gives_a_fifth_to_the_test_part(load: object) -> None:
    (_, y_train), (_, y_test) = load()  # type: ignore[operator]
    assert np.bincount(y_test).tolist() == [count // 5 for count in np.bincount(y_train) + np.bincount(y_test)]


def test_calls_do_not_share_memory() -> None:
    (x, _), _ = digits()
    x[:] = 99
    assert digits()[0][0].max() == 16
