"""What the compile panel proposes first: it suits model and data, nothing is found against it, and it trains."""

from typing import Any

import numpy as np
import pytest

from kmagic import losses
from kmagic.layers import Dense, Input
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis import Case, review
from kmagic.models.diagnosis.suggestion import suggest
from kmagic.models.recipe import Recipe, written
from tests.models.diagnosis import example

GENERATOR = np.random.default_rng(3)
X = GENERATOR.normal(size=(160, 6)).astype("float32")
SUM = X[:, 0] + X[:, 1]
CLASSES = np.digitize(SUM, [-0.8, 0.8])
RARE = (np.quantile(SUM, 0.94) < SUM).astype(int)


def model(units: int, activation: str | None) -> Any:
    return Sequential([Dense(12, "relu", input_dim=6), Dense(units, activation)])


@pytest.mark.parametrize(
    ("units", "activation", "y", "loss", "metrics"),
    [
        (1, "sigmoid", SUM > 0, "'binary_crossentropy'", "['accuracy']"),
        (1, "sigmoid", (SUM > 0).astype("float32")[:, None], "'binary_crossentropy'", "['accuracy']"),
        (1, None, (SUM > 0).astype(int), "BinaryCrossentropy(from_logits=True)", "[BinaryAccuracy(threshold=0.0)]"),
        (1, "sigmoid", RARE, "'binary_crossentropy'", "['accuracy', 'auc']"),
        (1, None, np.where(SUM > 0, 1, -1), "'hinge'", "['hinge']"),
        (1, "tanh", (SUM > 0).astype(int), "'hinge'", "['hinge']"),
        (
            3,
            "softmax",
            np.where(np.arange(160) % 9, CLASSES, -1),
            "SparseCategoricalCrossentropy(ignore_class=-1)",
            "['accuracy']",
        ),
        (3, "softmax", CLASSES, "'sparse_categorical_crossentropy'", "['accuracy']"),
        (3, "softmax", CLASSES[:, None], "'sparse_categorical_crossentropy'", "['accuracy']"),
        (3, None, CLASSES, "SparseCategoricalCrossentropy(from_logits=True)", "['accuracy']"),
        (3, "softmax", np.eye(3)[CLASSES], "'categorical_crossentropy'", "['accuracy']"),
        (3, None, np.eye(3)[CLASSES], "CategoricalCrossentropy(from_logits=True)", "['accuracy']"),
        (2, "sigmoid", (X[:, :2] > 0).astype(int), "'binary_crossentropy'", "['binary_accuracy']"),
        (1, None, SUM, "'mean_squared_error'", "['mean_absolute_error']"),
        (2, None, X[:, :2] * 3, "'mean_squared_error'", "['mean_absolute_error']"),
        (1, None, np.where(np.arange(160) == 7, 5000.0, SUM), "'huber'", "['mean_absolute_error']"),
        (1, "softplus", GENERATOR.poisson(np.exp(0.3 * SUM)), "'poisson'", "['mean_absolute_error']"),
        (1, "sigmoid", 1 / (1 + np.exp(-SUM)), "'mean_squared_error'", "['mean_absolute_error']"),
        (3, "softmax", GENERATOR.dirichlet([2, 2, 2], 160), "'kl_divergence'", "['categorical_accuracy']"),
    ],
)
def test_it_suits_model_and_data(units: int, activation: str | None, y: Any, loss: str, metrics: str) -> None:
    made = model(units, activation)
    found = suggest(Case(made, Recipe(), X, y))
    assert (written(found.recipe.loss), written(list(found.recipe.metrics))) == (loss, metrics)
    assert found.why
    # far targets and rare classes are told, and what is told may be a warning
    assert [finding for finding in review(Case(made, found.recipe, X, y)) if finding.severity == "error"] == []
    made.compile(**found.recipe.chosen(), validate=False)
    course = made.fit(X, y, epochs=4, verbose=0, validate=False).history["loss"]
    assert course[-1] < course[0]


@pytest.mark.parametrize(
    ("units", "activation", "loss"),
    [
        (1, "sigmoid", "binary_crossentropy"),
        (4, "sigmoid", "binary_crossentropy"),
        (3, "softmax", "sparse_categorical_crossentropy"),
        (1, None, "mean_squared_error"),
    ],
)
def test_without_data_the_output_decides(units: int, activation: str | None, loss: str) -> None:
    found = suggest(Case(model(units, activation), Recipe()))
    assert found.recipe.loss == loss


def test_an_empty_model_gets_something() -> None:
    assert suggest(Case(Sequential([]), Recipe())).recipe.loss == "mean_squared_error"


def test_words_as_labels_follow_the_output() -> None:
    found = suggest(Case(model(1, "sigmoid"), Recipe(), X, np.where(SUM > 0, "cat", "dog")))
    assert found.recipe.loss == "binary_crossentropy"
    assert "2 labels in words" in found.why


def test_the_reason_names_what_was_seen() -> None:
    why = suggest(Case(model(1, "sigmoid"), Recipe(), X, RARE)).why
    assert why.startswith("the targets are 0 and 1, and the output is a probability (sigmoid)")
    assert "one class is only 6.2 % of the rows" in why or "one class is only 6.3 % of the rows" in why


def test_each_output_gets_its_own() -> None:
    inputs = Input((6,))
    outputs = [Dense(3, "softmax", name="kind")(inputs), Dense(1, name="price")(inputs)]
    found = suggest(Case(Model(inputs, outputs), Recipe(), X, [CLASSES, SUM]))
    assert found.recipe.loss == {"kind": "sparse_categorical_crossentropy", "price": "mean_squared_error"}
    assert found.recipe.metrics == {"kind": ["accuracy"], "price": ["mean_absolute_error"]}
    assert (
        found.why.startswith("kind: the targets are class numbers 0 … 2")
        and "price: the targets are numbers" in found.why
    )


example.load()


def says_what_is_learned(loss: Any) -> bool:
    """Whether only the loss of a case says what the output is: one of the user's own, or one of embeddings."""
    entry = losses.registry.find(loss) if isinstance(loss, str) and losses.registry.has(loss) else None
    entry = entry or (losses.registry.entry_of(loss) if isinstance(loss, losses.Loss) else None)
    is_own = entry is None and isinstance(loss, losses.Loss)
    return is_own or (entry is not None and "embeddings" in entry.tags)


@pytest.mark.parametrize("title", sorted(example.CORRECT))
def test_it_stands_up_to_the_review_of_right_cases(title: str) -> None:
    """Wherever model and data say what is learned, the suggestion gets no error."""
    made = example.CORRECT[title].make()
    found = suggest(Case(made.model, Recipe(), made.x, made.y))
    errors = [str(f) for f in review(Case(made.model, found.recipe, made.x, made.y)) if f.severity == "error"]
    # where layers add the loss, nothing outside of them says what is learned
    loss = made.recipe.get("loss")
    assert errors == [] or loss is None or says_what_is_learned(loss)
