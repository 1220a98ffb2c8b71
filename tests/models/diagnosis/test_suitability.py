"""What cannot suit a model and its data, with reasons."""

from typing import Any

import numpy as np
import pytest

from kmagic import losses
from kmagic.layers import Dense, Input
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis import Case
from kmagic.models.diagnosis.suitability import unfit_losses, unfit_metrics, unfit_optimizers
from kmagic.models.recipe import Recipe

X = np.random.default_rng(0).normal(size=(60, 4))
NAMES = losses.registry.names()


def test_losses_of_classes_do_not_suit_one_output() -> None:
    model = Sequential([Dense(1, "sigmoid", input_dim=4)])
    reasons = unfit_losses(Case(model, Recipe("adam", "mse"), X, X[:, 0] > 0), 0, NAMES)
    assert "sparse_categorical_crossentropy" in reasons and "categorical_crossentropy" in reasons
    assert "one output for each class" in reasons["categorical_crossentropy"]
    assert not {"binary_crossentropy", "binary_focal_crossentropy"} & set(reasons)


def test_a_loss_that_can_take_logits_suits_a_linear_output() -> None:
    model = Sequential([Dense(3, input_dim=4)])
    reasons = unfit_losses(Case(model, Recipe("adam", "mse"), X, np.arange(60) % 3), 0, NAMES)
    assert "sparse_categorical_crossentropy" not in reasons
    assert "categorical_crossentropy" in reasons


def test_what_is_wrong_with_the_data_speaks_against_no_loss() -> None:
    x = X.copy()
    x[3, 1] = np.nan
    model = Sequential([Dense(1, input_dim=4)])
    assert "mean_squared_error" not in unfit_losses(Case(model, Recipe("adam", "mse"), x, X[:, 0]), 0, NAMES)


@pytest.fixture
def two() -> Case:
    inputs = Input((4,))
    outputs = [Dense(3, "softmax", name="kind")(inputs), Dense(1, name="price")(inputs)]
    recipe = Recipe("adam", {"kind": "sparse_categorical_crossentropy", "price": "mse"})
    y: list[Any] = [np.arange(60) % 3, X[:, 0]]
    return Case(Model(inputs, outputs), recipe, X, y)


def test_each_output_has_reasons_of_its_own(two: Case) -> None:
    kind, price = (unfit_losses(two, output, NAMES) for output in (0, 1))
    assert "sparse_categorical_crossentropy" not in kind and "sparse_categorical_crossentropy" in price
    assert "mean_squared_error" not in price
    assert not any(reason.startswith("output '") for reason in (*kind.values(), *price.values()))


def test_accuracy_says_nothing_about_numbers(two: Case) -> None:
    names = ["accuracy", "mean_absolute_error"]
    assert set(unfit_metrics(two, 1, names)) == {"accuracy"}
    assert set(unfit_metrics(two, 0, ["accuracy"])) == set()


def test_every_plain_optimizer_suits() -> None:
    case = Case(Sequential([Dense(1, input_dim=4)]), Recipe("adam", "mse"), X, X[:, 0])
    assert unfit_optimizers(case, ["adam", "sgd", "lion"]) == {}
