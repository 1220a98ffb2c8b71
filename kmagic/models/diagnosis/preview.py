"""The first batch, before training: what one step would be, without making it."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue, NotCompiled, Unsupported
from kmagic.base.trees import leaves
from kmagic.models.diagnosis.measured import Preview
from kmagic.models.diagnosis.probe import Probe
from kmagic.models.own import own_steps
from kmagic.models.recipe import Recipe, check_outputs, make_recipe
from kmagic.models.rows import refuse_beside_stream, rows_of, weigh_classes
from kmagic.training.sources import first_batch, is_stream, repeats, unpack_x_y_sample_weight


def preview(
    model: Any,
    x: Any = None,
    y: Any = None,
    *,
    batch_size: int | None = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    **recipe: Any,
) -> Preview:
    """What training would see and do on the first `batch_size` rows (32), or on the first batch of what can give it
    again; nothing changes.

    Loss, and for each layer the norms of weights, gradient and update; for each sigmoid, tanh and ReLU how many of its
    values and units are at rest. `recipe` are arguments of `compile`; without them, what the model was compiled with,
    and then the optimizer counts with what it has learned. A model whose weights are not made yet gets them.

    >>> import numpy as np
    >>> from kmagic.layers import Dense
    >>> from kmagic.models import Sequential
    >>> model = Sequential([Dense(1, input_dim=2, kernel_initializer="ones", name="sum")])
    >>> found = preview(model, np.ones((8, 2)), np.zeros(8), loss="mse", optimizer="sgd")
    >>> found.loss, found.layers[0].path, round(found.layers[0].gradient, 4)
    (4.0, 'sum', 6.9282)
    """
    if own_steps(model):
        raise Unsupported(
            "a preview of a step of your own",
            where=type(model).__name__,
            expected="a model whose train_step and compute_loss are the default",
            fix="run_eagerly=True and print(…) in train_step; model.plan() shows the program",
        )
    chosen = _recipe(model, recipe)
    if is_stream(x) and repeats(x):
        refuse_beside_stream(x, y, sample_weight, "preview")
        x, y, sample_weight = unpack_x_y_sample_weight(first_batch(x))
        batch_size = batch_size or max(1, len(leaves(x)[0]))
    x, y, sample_weight = model.preparation.data(x, y, sample_weight, True, model._names)
    rows = weigh_classes(rows_of(model, x, y, sample_weight), class_weight)
    size = _batch_size(batch_size, len(rows))
    learned = None if recipe else model.optimizer
    model._settle()
    return Probe(model, chosen, rows.part(0, size), learned).measure()


def _recipe(model: Any, given: dict[str, Any]) -> Recipe:
    if not given:
        if model.recipe is None:
            raise NotCompiled(
                "neither a recipe nor a compiled model", where="preview", fix="preview(model, x, y, loss='mse')"
            )
        compiled: Recipe = model.recipe
        return compiled
    recipe = make_recipe(**given)
    check_outputs(recipe, model.output_names)
    return recipe


def _batch_size(value: Any, rows: int) -> int:
    if value is None:
        value = 32
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadValue(f"batch_size is {value!r}", where="preview", expected="a whole number of at least 1")
    return min(value, rows)
