"""Reviews: right choices pass all rules; errors come first; every output is looked at."""

from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadData
from kmagic.layers import Activation, Dense, Dropout, Flatten, Input, LeakyReLU, Normalization, Softmax
from kmagic.losses import CategoricalCrossentropy, SparseCategoricalCrossentropy
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis import Case, review
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


def codes(made: Sequential, recipe: Recipe, data: Any = (None, None)) -> set[str]:
    return {finding.code for finding in review(Case(made, recipe, *data)) if finding.severity != "hint"}


SPARSE, ONE_HOT, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"

RIGHT: dict[str, tuple[Sequential, Recipe, Any]] = {
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
    "a layer after the head": (
        Sequential([Normalization(input_shape=(4,)), Dropout(0.1), Dense(1, "sigmoid"), Flatten()]),
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


def test_errors_come_first() -> None:
    found = review(Case(model(3), Recipe(loss="mse", metrics=("accuracy",)), X, REALS[:, None]))
    assert [finding.severity for finding in found] == ["error", "warning"]


def test_every_output_is_looked_at() -> None:
    x = Input((4,))
    heads = [Dense(1, name="price")(x), Dense(4, activation="softmax", name="kind")(x)]
    made = Model(x, heads)
    recipe = Recipe(loss={"price": "mse", "kind": "categorical_crossentropy"}, metrics={"kind": ["accuracy"]})
    (finding,) = review(Case(made, recipe, X, [REALS, np.arange(len(X)) % 4]))
    assert finding.code == "K101" and finding.message.startswith("output 'kind': targets are class numbers")
    made.compile("sgd", recipe.loss)
    with pytest.raises(BadData, match="K101"):
        made.fit(X, [REALS, np.arange(len(X)) % 4], verbose=0)


CLASSIFIER: dict[str, Any] = {"optimizer": "adam", "loss": SPARSE}
DISORDERED = {
    "swapped": ((NUMBERS, X), "x, y = y, x"),
    "swapped, targets as a column": ((NUMBERS[:, None], X), "x, y = y, x"),
    "swapped, whole numbers": ((NUMBERS, np.round(X)), "x, y = y, x"),
    "rows and columns exchanged": ((X.T, NUMBERS), "x = x.T"),
}


@pytest.mark.parametrize("disorder", DISORDERED)
def test_what_mends_the_shapes_comes_first(disorder: str) -> None:
    (x, y), fix = DISORDERED[disorder]
    made = model(3, "softmax")
    assert review(Case(made, Recipe(**CLASSIFIER), x, y))[0].fixes[0].code == fix
    made.compile(**CLASSIFIER)
    with pytest.raises(BadData) as raised:
        made.fit(x, y, verbose=0)
    assert raised.value.fix == fix


def test_a_head_that_is_right_stays() -> None:
    (finding,) = (
        item for item in review(Case(model(3, "softmax"), Recipe(loss="mse"), X, NUMBERS)) if item.code == "K121"
    )
    assert finding.fixes[0].code == f"model.compile(optimizer='rmsprop', loss={SPARSE!r})"
