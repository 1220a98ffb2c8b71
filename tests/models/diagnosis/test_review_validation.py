"""Validation data are looked at too, and what is wrong with them is said of them."""

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadData
from kmagic.layers import Dense, Input
from kmagic.models import Sequential
from kmagic.models.diagnosis import Finding

GENERATOR = np.random.default_rng(5)
X = GENERATOR.normal(size=(60, 4))
Y = np.arange(60) % 3
RECIPE: dict[str, Any] = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}

WRONG = {
    "classes without a unit": ((X[:30], Y[:30] + 1), "K114", "1 … 3"),
    "one column more": ((np.c_[X, X[:, 0]][:30], Y[:30]), "K137", "(30, 5)"),
    "fewer targets": ((X[:30], Y[:20]), "K136", "30 rows"),
    "NaN": ((np.where(X > 1, np.nan, X)[:30], Y[:30]), "K122", "NaN"),
}


def classifier() -> Sequential:
    return Sequential([Input((4,)), Dense(3, "softmax")])


def found(**fit: Any) -> list[Finding]:
    return [item for item in kmagic.diagnose(classifier(), X, Y, **RECIPE, **fit) if item.severity == "error"]


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_in_validation_data_is_found(mistake: str) -> None:
    data, code, says = WRONG[mistake]
    (finding,) = found(validation_data=data)
    assert finding.code == code and says in finding.message and "validation" in finding.message
    assert not any(fix.code.startswith(("x =", "y =")) for fix in finding.fixes)


@pytest.mark.parametrize("validate", ["warn", "error"])
@pytest.mark.parametrize("mistake", WRONG)
def test_fit_says_that_it_is_in_validation_data(mistake: str, validate: Any) -> None:
    data, code, _ = WRONG[mistake]
    made = classifier()
    made.compile(**RECIPE)
    with pytest.raises(BadData, match=rf"{code}: validation") as raised:
        made.fit(X, Y, validation_data=data, validate=validate, verbose=0)
    assert "y = y" not in str(raised.value) and "fix: x" not in str(raised.value)


def test_what_training_data_have_too_is_told_once() -> None:
    assert [item.code for item in kmagic.diagnose(classifier(), X, Y + 1, **RECIPE, validation_data=(X, Y + 1))].count(
        "K114"
    ) == 1


def test_right_validation_data_are_no_mistake() -> None:
    assert found(validation_data=(X[:30], Y[:30])) == []
    assert found(validation_data=(X[:30], Y[:30], np.ones(30))) == []


def test_only_the_output_that_is_wrong_is_named() -> None:
    entrance = Input((4,))
    made = kmagic.Model(entrance, [Dense(3, "softmax", name="kind")(entrance), Dense(1, name="price")(entrance)])
    recipe = {"optimizer": "adam", "loss": ["sparse_categorical_crossentropy", "mse"]}
    validation = (X[:30], [Y[:30] + 5, X[:30, 0]])
    every = kmagic.diagnose(made, X, [Y, X[:, 0]], **recipe, validation_data=validation)
    (finding,) = (item for item in every if item.severity == "error")
    assert (finding.code, finding.output) == ("K114", "kind")
    assert finding.message.startswith("validation data: output 'kind': targets")


def test_unchecked_validation_data_that_cannot_be_rows_are_named() -> None:
    made = classifier()
    made.compile(**RECIPE)
    with pytest.raises(BadData, match=r"validation data: x has 30 rows, y has 20") as raised:
        made.fit(X, Y, validation_data=(X[:30], Y[:20]), validate=False, verbose=0)
    assert "fix" not in str(raised.value)
