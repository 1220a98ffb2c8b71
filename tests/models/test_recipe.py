"""What compile is given: as Python, as a magic line, as plain data, and for each output."""

from typing import Any

import numpy as np
import pytest

from kmagic import Input, Model, losses, metrics, optimizers
from kmagic.base.errors import BadData, BadValue, KmagicError
from kmagic.callbacks import LambdaCallback
from kmagic.layers import Dense
from kmagic.models.recipe import Recipe, make_recipe
from kmagic.models.rows import class_weights
from tests.models import linear
from tests.models.linear import X, Y

ROWS = {"a": np.ones((6, 1)), "b": np.ones((6, 2))}
FEATURES = np.random.default_rng(1).normal(size=(6, 4))


def two_headed() -> Model:
    x = Input((4,))
    return Model(x, [Dense(1, name="a")(x), Dense(2, name="b")(x)])


@pytest.mark.parametrize(
    ("recipe", "line"),
    [
        (Recipe(), "m.compile(optimizer='rmsprop')"),
        (
            Recipe("adam", {"a": "mse", "b": None}, loss_weights={"a": 1.0, "b": 0.5}),
            "m.compile(optimizer='adam', loss={'a': 'mse', 'b': None}, loss_weights={'a': 1.0, 'b': 0.5})",
        ),
        (
            Recipe("sgd", ["mse", "mae"], (("acc",), "mae"), run_eagerly=True, steps_per_execution=4),
            "m.compile(optimizer='sgd', loss=['mse', 'mae'], metrics=[['acc'], 'mae'], run_eagerly=True, "
            "steps_per_execution=4)",
        ),
    ],
)
def test_as_python(recipe: Recipe, line: str) -> None:
    assert recipe.python("m") == line


def configurations() -> list[Any]:
    return [
        {"optimizer": "adam", "loss": "mse"},
        {
            "optimizer": optimizers.SGD(0.25, momentum=0.5),
            "loss": {"a": losses.Huber(delta=2.0), "b": "mae"},
            "loss_weights": {"a": 2.0, "b": 1.0},
            "metrics": {"a": [metrics.MeanAbsoluteError(name="far"), "mse"]},
            "weighted_metrics": [None, "mae"],
            "run_eagerly": True,
            "steps_per_execution": 3,
        },
    ]


@pytest.mark.parametrize("number", range(len(configurations())))
def test_compiling_from_a_configuration(number: int) -> None:
    first, second = two_headed(), two_headed()
    second.set_weights(first.get_weights())
    first.compile(**configurations()[number])
    config = first.get_compile_config()
    second.compile_from_config(config)
    assert second.get_compile_config() == config
    curves = [model.fit(FEATURES, dict(ROWS), epochs=2, shuffle=False, verbose=0).history for model in (first, second)]
    assert curves[0] == curves[1]


def test_configuration_has_the_keys_of_keras() -> None:
    model = two_headed()
    model.compile("adam", "mse", metrics=[["mae"], []])
    assert list(model.get_compile_config()) == [
        "optimizer",
        "loss",
        "loss_weights",
        "metrics",
        "weighted_metrics",
        "run_eagerly",
        "steps_per_execution",
        "jit_compile",
    ]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"loss": ["mse"]}, "loss has 1 entries"),
        ({"loss": {"a": "mse"}}, "loss has no entry for output 'b'"),
        ({"loss": {"a": "mse", "c": "mse"}}, "loss has the key 'c'"),
        ({"loss": "mse", "loss_weights": [1.0]}, "loss_weights has 1 entries"),
        ({"loss": "mse", "metrics": ["mae"]}, "metrics has 1 entries"),
        ({"loss": "mse", "weighted_metrics": {"A": "mae"}}, "weighted_metrics has the key 'A'"),
    ],
    ids=str,
)
def test_choices_that_do_not_fit_the_outputs_are_refused_at_once(choice: dict[str, Any], message: str) -> None:
    with pytest.raises(BadValue, match=message):
        two_headed().compile("sgd", **choice)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.ones((6, 1)), "y is one array"),
        ([np.ones((6, 1))], "1 arrays"),
        ({"a": ROWS["a"]}, "output 'b' has a loss and no target"),
        ({**ROWS, "c": ROWS["a"]}, "y has the key 'c'"),
        ([ROWS["a"], np.ones((5, 2))], "x has 6 rows, y has 5"),
        (None, "y is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_targets_that_do_not_fit_the_outputs_are_refused(y: Any, message: str) -> None:
    model = two_headed()
    model.compile("sgd", "mse")
    with pytest.raises(BadData, match=message):
        model.fit(FEATURES, y, verbose=0)


def test_targets_that_nothing_asks_for_may_be_missing() -> None:
    model = two_headed()
    model.compile("sgd", {"a": "mse", "b": None})
    assert model.fit(FEATURES, {"a": ROWS["a"]}, verbose=0).history["loss"][0] > 0


def test_class_weights_are_for_one_output() -> None:
    model = two_headed()
    model.compile("sgd", "mse")
    with pytest.raises(BadValue, match="single output"):
        model.fit(FEATURES, dict(ROWS), class_weight={0: 2.0}, verbose=0)


@pytest.mark.parametrize(("steps", "seen"), [(1, [0, 1, 2, 3, 4]), (2, [1, 3, 4]), ("auto", [0, 1, 2, 3, 4])])
def test_steps_per_execution_is_how_often_callbacks_look(steps: Any, seen: list[int]) -> None:
    batches: list[int] = []
    model = linear.model()
    model.compile("sgd", "mse", steps_per_execution=steps)
    watch = LambdaCallback(on_train_batch_end=lambda batch, logs: batches.append(batch))
    model.fit(X, Y, batch_size=5, callbacks=[watch], verbose=0)
    assert batches == seen


def test_recipes_are_checked_when_they_are_made() -> None:
    with pytest.raises(BadValue, match="steps_per_execution is 2.5"):
        make_recipe("sgd", "mse", steps_per_execution=2.5)


@pytest.mark.parametrize(
    "given",
    [
        {"y": {"wrong": Y}},
        {"y": [Y, Y]},
        {"y": Y, "sample_weight": [np.ones(23), np.zeros(23)]},
        {"y": Y, "sample_weight": {"wrong": np.ones(23)}},
    ],
    ids=["wrong name", "two targets", "two weights", "wrong name of weights"],
)
def test_one_output_takes_one_of_each(given: dict[str, Any]) -> None:
    with pytest.raises(BadData):
        linear.model().fit(X, verbose=0, **given)


def test_metrics_of_one_output_may_be_named_by_it() -> None:
    model = linear.model()
    name = model.output_names[0]
    model.compile("sgd", {name: "mse"}, metrics={name: ["mae"]})
    assert set(model.fit(X, {name: Y}, verbose=0).history) == {"loss", "mae"}
    with pytest.raises(BadValue, match="metrics has the key 'wrong'"):
        model.compile("sgd", "mse", metrics={"wrong": ["mae"]})


def test_errors_say_which_call_they_are_about() -> None:
    model = linear.model()
    with pytest.raises(BadData, match="^evaluate"):
        model.evaluate(X, Y, sample_weight={"zz": np.ones(23)})
    with pytest.raises(KmagicError, match="^train_on_batch"):
        model.train_on_batch(X, Y, class_weight=[1, 2])


def test_class_weights_of_labels_that_are_almost_whole() -> None:
    found = class_weights(np.array([0.0, 0.9999999, 2.9999998]), {0: 10.0, 1: 1.0, 2: 20.0, 3: 3.0})
    assert found.tolist() == [10.0, 1.0, 3.0]
