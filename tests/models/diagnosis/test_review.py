"""Reviews: each rule sees its mistake and passes the mended choice; right choices pass all of them."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadData
from kmagic.layers import Activation, Dense, Dropout, Flatten, Input, LeakyReLU, Normalization, Softmax
from kmagic.losses import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis import review
from kmagic.models.diagnosis.finding import RULES
from kmagic.models.recipe import Recipe

GENERATOR = np.random.default_rng(31)
X = GENERATOR.normal(size=(12, 4))
BITS = np.arange(12) % 2
NUMBERS = np.arange(12) % 3
ROWS = np.eye(3)[NUMBERS]
REALS = GENERATOR.normal(size=12)


def model(units: int = 1, head: str | None = None, trainable: bool = True) -> Sequential:
    made = Sequential([Dense(5, "relu", input_dim=4), Dense(units, head)])
    made.trainable = trainable
    return made


def codes(made: Sequential, recipe: Recipe, data: Any = None) -> set[str]:
    return {finding.code for finding in review(made, recipe, data)}


def with_nan(array: np.ndarray) -> np.ndarray:
    result = array.astype("float64")
    result[2] = np.nan
    return result


Case = tuple[Sequential, Recipe, Any]
SPARSE, ONE_HOT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
SPARSE_LOGITS = SparseCategoricalCrossentropy(from_logits=True)

# for each rule the mistake and the mended choice
PAIRS: dict[str, tuple[Case, Case]] = {
    "K101": (
        (model(3, "softmax"), Recipe(loss=ONE_HOT), (X, NUMBERS)),
        (model(3, "softmax"), Recipe(loss=SPARSE), (X, NUMBERS)),
    ),
    "K102": (
        (model(3, "softmax"), Recipe(loss=SPARSE), (X, ROWS)),
        (model(3, "softmax"), Recipe(loss=ONE_HOT), (X, ROWS)),
    ),
    "K103": (
        (model(1, "softmax"), Recipe(loss=BINARY), (X, BITS)),
        (model(1, "sigmoid"), Recipe(loss=BINARY), (X, BITS)),
    ),
    "K104": (
        (model(1, "sigmoid"), Recipe(loss=SPARSE), None),
        (model(1, "sigmoid"), Recipe(loss=BINARY), None),
    ),
    "K105": (
        (model(3, "softmax"), Recipe(loss=SPARSE_LOGITS), (X, NUMBERS)),
        (model(3), Recipe(loss=SPARSE_LOGITS), (X, NUMBERS)),
    ),
    "K107": (
        (model(1), Recipe(loss=BINARY), (X, BITS)),
        (model(1), Recipe(loss=BinaryCrossentropy(from_logits=True)), (X, BITS)),
    ),
    "K112": (
        (model(1, "sigmoid"), Recipe(loss=BINARY), (X, BITS * 2 - 1)),
        (model(1, "sigmoid"), Recipe(loss=BINARY), (X, (BITS * 2 - 1 + 1) / 2)),
    ),
    "K113": (
        (model(), Recipe(loss="mse", metrics=("accuracy",)), (X, REALS)),
        (model(), Recipe(loss="mse", metrics=("mae",)), (X, REALS)),
    ),
    "K114": (
        (model(3, "softmax"), Recipe(loss=SPARSE), (X, NUMBERS + 1)),
        (model(3, "softmax"), Recipe(loss=SPARSE), (X, NUMBERS)),
    ),
    "K117": (
        (model(3, "softmax"), Recipe(loss=SPARSE), (X, NUMBERS / 2)),
        (model(1), Recipe(loss="mse"), (X, NUMBERS / 2)),
    ),
    "K120": (
        (model(3), Recipe(loss="mse"), (X, REALS[:, None])),
        (model(1), Recipe(loss="mse"), (X, REALS[:, None])),
    ),
    "K122": (
        (model(), Recipe(loss="mse"), (with_nan(X), REALS)),
        (model(), Recipe(loss="mse"), (X, REALS)),
    ),
    "K127": ((model(), Recipe(), None), (model(), Recipe(loss="mse"), None)),
    "K153": (
        (model(trainable=False), Recipe(loss="mse"), None),
        (model(), Recipe(loss="mse"), None),
    ),
}


def test_every_rule_has_its_pair() -> None:
    review(model(), Recipe(loss="mse"))
    assert set(PAIRS) == set(RULES)


@pytest.mark.parametrize("code", PAIRS)
def test_the_mistake_is_seen_with_a_fix(code: str) -> None:
    (finding,) = [finding for finding in review(*PAIRS[code][0]) if finding.code == code]
    assert finding.severity in ("error", "warning", "hint") and finding.message
    assert finding.fixes and all(fix.label and fix.code for fix in finding.fixes)
    assert str(finding).startswith(f"{code} {finding.severity}: ") and finding.fixes[0].code in str(finding)


@pytest.mark.parametrize("code", PAIRS)
def test_the_mended_choice_has_no_findings(code: str) -> None:
    assert codes(*PAIRS[code][1]) == set()


RIGHT: dict[str, Case] = {
    "sigmoid": (model(1, "sigmoid"), Recipe("adam", BINARY, ("accuracy",)), (X, BITS)),
    "sigmoid, column": (model(1, "sigmoid"), Recipe("adam", BINARY, ("accuracy",)), (X, BITS[:, None])),
    "sigmoid, truth values": (model(1, "sigmoid"), Recipe("adam", BINARY), (X, BITS.astype(bool))),
    "sigmoid, soft targets": (model(1, "sigmoid"), Recipe("adam", BINARY), (X, BITS * 0.8 + 0.1)),
    "several labels": (model(3, "sigmoid"), Recipe("adam", BINARY), (X, ROWS)),
    "softmax, numbers": (model(3, "softmax"), Recipe("sgd", SPARSE, ("accuracy",)), (X, NUMBERS)),
    "softmax, float numbers": (model(3, "softmax"), Recipe("sgd", SPARSE), (X, NUMBERS.astype("float32"))),
    "softmax, column": (model(3, "softmax"), Recipe("sgd", SPARSE), (X, NUMBERS[:, None])),
    "softmax, rows": (model(3, "softmax"), Recipe("sgd", ONE_HOT, ("accuracy",)), (X, ROWS)),
    "softmax, any crossentropy": (model(3, "softmax"), Recipe("sgd", "crossentropy"), (X, NUMBERS)),
    "logits": (model(3), Recipe("sgd", CategoricalCrossentropy(from_logits=True)), (X, ROWS)),
    "unknown class": (
        model(3, "softmax"),
        Recipe(loss=SparseCategoricalCrossentropy(ignore_class=-1)),
        (X, NUMBERS - (NUMBERS == 2) * 3),
    ),
    "numbers": (model(1), Recipe("rmsprop", "mse", ("mae",)), (X, REALS)),
    "several numbers": (model(3), Recipe("rmsprop", "mae"), (X, GENERATOR.normal(size=(12, 3)))),
    "signs": (model(1, "tanh"), Recipe("adagrad", "hinge"), (X, BITS * 2 - 1)),
    "scores": (model(3), Recipe("adamax", "categorical_hinge"), (X, ROWS)),
    "activation as a layer": (
        Sequential([Dense(3, input_dim=4), Activation("softmax")]),
        Recipe(loss=SPARSE),
        (X, NUMBERS),
    ),
    "dropout after the head": (
        Sequential([Normalization(input_shape=(4,)), Dense(1, "sigmoid"), Dropout(0.1)]),
        Recipe(loss=BINARY),
        (X, BITS),
    ),
    "pictures": (
        Sequential([Flatten(input_shape=(2, 2)), Dense(3, "softmax")]),
        Recipe(loss=SPARSE),
        (X.reshape(12, 2, 2), NUMBERS),
    ),
    "not built": (Sequential([Dense(1, "sigmoid")]), Recipe(loss=BINARY), (X, BITS)),
    "embeddings of more classes than columns": (model(2), Recipe(loss="circle"), (X, NUMBERS)),
    "counts": (model(1, "softplus"), Recipe(loss="poisson"), (X, NUMBERS)),
    "shares": (model(3, "softmax"), Recipe(loss="kld"), (X, ROWS)),
    "areas": (model(3, "sigmoid"), Recipe(loss="dice"), (X, ROWS)),
    "softmax as a layer": (Sequential([Dense(3, input_dim=4), Softmax()]), Recipe(loss=SPARSE), (X, NUMBERS)),
    "a leak in the middle": (
        Sequential([Dense(5, input_dim=4), LeakyReLU(), Dense(1)]),
        Recipe(loss="huber"),
        (X, REALS),
    ),
    "probabilities with zeros": (model(3, "sparsemax"), Recipe(loss="kld"), (X, ROWS)),
    "own loss": (model(1), Recipe(loss=lambda t, p: (t - p) ** 2), (X, REALS)),
}


@pytest.mark.parametrize("choice", RIGHT)
def test_right_choices_pass_and_train(choice: str) -> None:
    made, recipe, (x, y) = RIGHT[choice]
    assert codes(made, recipe, (x, y)) == set()
    made.compile(recipe.optimizer, recipe.loss, metrics=list(recipe.metrics))
    assert np.isfinite(made.fit(x, y, verbose=0).history["loss"]).all()


def test_logits_are_offered_where_the_loss_takes_them() -> None:
    for loss, expected in (("kld", False), (BINARY, True)):
        (finding,) = review(model(3), Recipe(loss=loss), (X, ROWS))
        assert finding.code == "K107" and ("from_logits" in str(finding.fixes)) is expected


def test_errors_come_first() -> None:
    found = review(model(3), Recipe(loss="mse", metrics=("accuracy",)), (X, REALS[:, None]))
    assert [finding.severity for finding in found] == ["error", "warning"]


def test_every_output_is_looked_at() -> None:
    x = Input((4,))
    heads = [Dense(1, name="price")(x), Dense(4, activation="softmax", name="kind")(x)]
    made = Model(x, heads)
    recipe = Recipe(loss={"price": "mse", "kind": "categorical_crossentropy"}, metrics={"kind": ["accuracy"]})
    (finding,) = review(made, recipe, (X, [REALS, np.arange(len(X)) % 4]))
    assert finding.code == "K101" and finding.message.startswith("output 'kind': targets are class numbers")
    made.compile("sgd", recipe.loss)
    with pytest.raises(BadData, match="K101"):
        made.fit(X, [REALS, np.arange(len(X)) % 4], verbose=0)
