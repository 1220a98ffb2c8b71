"""Python and magic line of a recipe: pasted and run, either gives the same recipe back."""

from typing import Any

import pytest

from kmagic import losses, metrics, optimizers
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.models.recipe import Recipe, config_of, make_optimizer
from kmagic.notebook.commands import KCOMPILE
from kmagic.notebook.compiling import chosen
from kmagic.notebook.panels.compile.code import magic_of, python_of
from kmagic.optimizers import schedules

RECIPES = [
    Recipe("adam", "mse"),
    Recipe(optimizers.SGD(learning_rate=0.1, momentum=0.9, clipnorm=1.5), "mae", ("mse", "mape")),
    *[
        Recipe(
            optimizers.Adam(learning_rate=schedule), losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)
        )
        for schedule in (
            schedules.CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=10),
            schedules.CosineDecayRestarts(0.1, 100, m_mul=0.5),
            schedules.ExponentialDecay(0.1, 100, 0.5, staircase=True),
            schedules.InverseTimeDecay(0.1, 100, 0.5),
            schedules.PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001]),
            schedules.PolynomialDecay(0.1, 100, power=2.0),
        )
    ],
    # a loss and a metric of one short name
    Recipe(
        "rmsprop",
        losses.BinaryCrossentropy(label_smoothing=0.1),
        (
            metrics.BinaryCrossentropy(from_logits=True),
            "accuracy",
            metrics.AUC(curve="PR"),
            metrics.Recall(thresholds=0.3),
        ),
    ),
    Recipe(
        optimizers.LossScaleOptimizer(optimizers.SGD(learning_rate=0.5)),
        {"a": losses.Huber(delta=2.0), "b": "hinge"},
        {"a": ["mae", metrics.BinaryCrossentropy(from_logits=True)]},
        loss_weights={"a": 1.0, "b": 0.25},
        run_eagerly=True,
        steps_per_execution=4,
    ),
]


def described(recipe: Recipe) -> Any:
    return config_of(recipe, make_optimizer(recipe.optimizer))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.python())
def test_python_gives_the_recipe_back(recipe: Recipe) -> None:
    compiled: list[Recipe] = []

    class Watched:
        def compile(self, **choice: Any) -> None:
            model = Sequential([Dense(1, input_dim=1)])
            if not isinstance(choice["loss"], dict):
                model.compile(**choice, validate=False)
                compiled.append(model.recipe)
            else:
                compiled.append(Recipe(**choice))

    exec(python_of(recipe, "m"), {"m": Watched()})
    assert described(compiled[0]) == described(recipe)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.python())
def test_the_magic_line_gives_the_recipe_back(recipe: Recipe) -> None:
    line = magic_of(recipe, "m")
    magic, _, rest = line.partition(" ")
    assert magic == "%kcompile"
    given = KCOMPILE.read(rest, {"m": Sequential([Dense(1, input_dim=1)])})
    found = {"optimizer": "rmsprop", **chosen(given, "rmsprop")}
    metrics_given = {name: tuple(v) if isinstance(v, list) else v for name, v in found.items() if "metrics" in name}
    assert described(Recipe(**found | metrics_given)) == described(recipe)


def test_a_long_call_has_a_line_for_each_argument() -> None:
    text = python_of(RECIPES[1], "m")
    assert text.splitlines() == [
        "import kmagic",
        "",
        "m.compile(",
        "    optimizer=kmagic.optimizers.SGD(learning_rate=0.1, momentum=0.9, clipnorm=1.5),",
        "    loss='mae',",
        "    metrics=['mse', 'mape'],",
        ")",
    ]
