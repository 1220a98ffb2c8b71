"""Fit, evaluate and predict mean what Keras's mean; numbers are compared with the same computation in NumPy."""

from typing import Any

import numpy as np
import pytest

from kmagic.callbacks import Callback
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.optimizers import SGD, Adam
from tests.models import linear
from tests.models.linear import RATE, Descent, W, X, Y

exact = pytest.fixture(autouse=True)(linear.exact)
QUIET: dict[str, Any] = {"shuffle": False, "verbose": 0}


def check(model: Sequential, expected: Descent) -> None:
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel, expected.w, rtol=1e-9)
    np.testing.assert_allclose(bias, expected.b, rtol=1e-9)


@pytest.mark.parametrize("batch", [1, 5, 8, 23, 100])
def test_updates_and_averages_over_batches_of_any_size(batch: int) -> None:
    model, expected = linear.model(metrics=["mae"]), Descent()
    losses = [expected.epoch(X, Y, batch) for _ in range(3)]
    history = model.fit(X, Y, batch_size=batch, epochs=3, **QUIET)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-9)
    assert history.epoch == [0, 1, 2] and set(history.history) == {"loss", "mae"}
    assert (history.params["epochs"], history.params["steps"]) == (3, -(-23 // batch))
    check(model, expected)


def test_the_default_batch_has_32_rows() -> None:
    x, y = np.tile(X, (2, 1)), np.tile(Y, (2, 1))
    model, expected = linear.model(), Descent()
    expected.epoch(x, y, 32)
    assert model.fit(x, y, **QUIET).params["steps"] == 2
    check(model, expected)


def test_validation_split_takes_the_last_rows_before_shuffling() -> None:
    model, expected = linear.model(metrics=["mae"]), Descent()
    kept = int(np.floor(23 * (1 - 0.3)))
    expected.epoch(X[:kept], Y[:kept], 8)
    history = model.fit(X, Y, batch_size=8, validation_split=0.3, **QUIET).history
    assert history["val_loss"] == pytest.approx([expected.loss(X[kept:], Y[kept:])], rel=1e-9)
    assert history["val_mae"] == pytest.approx([np.abs(expected.error(X[kept:], Y[kept:])).mean()], rel=1e-9)
    check(model, expected)
    marked = Y.copy()
    marked[kept:] = 1e6
    options = {"validation_split": 0.3, "shuffle": True, "verbose": 0, "validate": False}
    shuffled = linear.model().fit(X, marked, **options).history
    assert shuffled["loss"][0] < 1e3 < 1e11 < shuffled["val_loss"][0]


def test_validation_data_go_before_a_split_and_have_weights() -> None:
    model, expected = linear.model(), Descent()
    weight = np.arange(5.0)
    expected.epoch(X, Y, 23)
    history = model.fit(
        X, Y, batch_size=23, validation_split=0.5, validation_data=(X[:5], Y[:5], weight), **QUIET
    ).history
    assert history["val_loss"] == pytest.approx([expected.loss(X[:5], Y[:5], weight)], rel=1e-9)
    check(model, expected)


def test_validation_in_smaller_batches_is_the_same() -> None:
    results = [
        linear.model().fit(X, Y, validation_data=(X, Y), validation_batch_size=size, **QUIET).history["val_loss"]
        for size in (None, 1, 4, 100)
    ]
    assert results[1:] == [pytest.approx(results[0], rel=1e-12)] * 3


@pytest.mark.parametrize(("frequency", "epochs"), [(1, [0, 1, 2, 3]), (np.int64(2), [1, 3]), ([1, 4], [0, 3]), (9, [])])
def test_validation_frequency(frequency: Any, epochs: list[int]) -> None:
    seen = []

    class Watching(Callback):
        """Notes the epochs that have validation."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if "val_loss" in logs:
                seen.append(epoch)

    model = linear.model()
    history = model.fit(
        X, Y, epochs=4, validation_data=(X, Y), validation_freq=frequency, callbacks=[Watching()], **QUIET
    )
    assert seen == epochs and len(history.history.get("val_loss", [])) == len(epochs)


def test_sample_weights_scale_each_rows_part() -> None:
    weight = np.linspace(0, 2, 23)
    model, expected = linear.model(metrics=["mae"], weighted_metrics=["mae"]), Descent()
    before = expected.error(X, Y)[:, 0]
    loss = expected.epoch(X, Y, 23, weight)
    history = model.fit(X, Y, batch_size=23, sample_weight=weight, **QUIET).history
    assert history["loss"] == pytest.approx([loss], rel=1e-9)
    assert history["mae"] == pytest.approx([np.abs(before).mean()], rel=1e-9)
    assert history["weighted_mae"] == pytest.approx([weight @ np.abs(before) / weight.sum()], rel=1e-9)
    check(model, expected)


@pytest.mark.parametrize("one_hot", [False, True])
def test_class_weights_are_sample_weights_of_the_classes(one_hot: bool) -> None:
    labels = np.arange(23) % 3
    given = np.eye(3)[labels] if one_hot else labels
    loss = "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"
    results = []
    # class 1 is not named and counts 1
    for options in ({"class_weight": {0: 3.0, 2: 0.5}}, {"sample_weight": np.array([3.0, 1.0, 0.5])[labels]}):
        model = Sequential([Dense(3, "softmax", input_dim=3, kernel_initializer="ones")])
        model.compile("sgd", loss)
        results.append((model.fit(X, given, **options, **QUIET, validate=False).history["loss"], model.get_weights()))
    assert results[0][0] == results[1][0]
    for ours, theirs in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_epochs_name_the_last_one() -> None:
    model, expected = linear.model(), Descent()
    for _ in range(2):
        expected.epoch(X, Y, 23)
    history = model.fit(X, Y, batch_size=23, epochs=5, initial_epoch=3, **QUIET)
    assert history.epoch == [3, 4]
    check(model, expected)
    assert model.fit(X, Y, epochs=2, initial_epoch=2, **QUIET).history == {}
    check(model, expected)


def test_evaluate_gives_a_number_a_list_or_a_dictionary() -> None:
    start = Descent()
    loss, mae = start.loss(X, Y), np.abs(start.error(X, Y)).mean()
    assert linear.model().evaluate(X, Y, verbose=0) == pytest.approx(loss, rel=1e-9)
    model = linear.model(metrics=["mae"])
    for batch in (1, 7, 100):
        assert model.evaluate(X, Y, batch_size=batch, verbose=0) == pytest.approx([loss, mae], rel=1e-9)
    assert model.evaluate(X, Y, verbose=0, return_dict=True) == pytest.approx({"loss": loss, "mae": mae}, rel=1e-9)
    weight = np.arange(23.0)
    assert linear.model().evaluate(X, Y, sample_weight=weight, verbose=0) == pytest.approx(start.loss(X, Y, weight))
    np.testing.assert_array_equal(model.get_weights()[0], W)


@pytest.mark.parametrize("batch", [1, 10, 23, 64])
def test_predict_joins_batches(batch: int) -> None:
    model = linear.model()
    np.testing.assert_allclose(model.predict(X, batch_size=batch, verbose=0), X @ W, rtol=1e-12)
    np.testing.assert_allclose(model.predict_on_batch(X[:4]), X[:4] @ W, rtol=1e-12)
    np.testing.assert_allclose(model(X), X @ W, rtol=1e-12)


def test_single_batches() -> None:
    model, expected = linear.model(metrics=["mae"]), Descent()
    for rows in (slice(0, 8), slice(8, 11)):
        part, target = X[rows], Y[rows]
        mae = np.abs(expected.error(part, target)).mean()
        assert model.test_on_batch(part, target) == pytest.approx([expected.loss(part, target), mae], rel=1e-9)
        loss = expected.epoch(part, target, len(part))
        assert model.train_on_batch(part, target) == pytest.approx([loss, mae], rel=1e-9)
    check(model, expected)
    assert set(model.train_on_batch(X, Y, return_dict=True)) == {"loss", "mae"}


def test_penalties_of_weights_are_part_of_the_loss() -> None:
    model = Sequential([Dense(1, input_dim=3, use_bias=False, kernel_regularizer="l2")])
    model.set_weights([W])
    model.compile(SGD(RATE), "mse")
    start = Descent()
    penalty = 0.01 * float((W**2).sum())
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(start.loss(X, Y) + penalty, rel=1e-9)
    slope = 2 * X.T @ start.error(X, Y) / 23 + 0.02 * W
    model.fit(X, Y, batch_size=23, **QUIET)
    np.testing.assert_allclose(model.get_weights()[0], W - RATE * slope, rtol=1e-9)


def test_compiling_again_keeps_weights_and_starts_the_optimizer_anew() -> None:
    model = linear.model(optimizer="adam")
    model.fit(X, Y, **QUIET)
    weights, first = model.get_weights(), model.optimizer
    model.compile("adam", "mse")
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert model.optimizer is not first and int(model.optimizer.iterations.numpy()) == 0


def test_the_same_optimizer_keeps_what_it_has_learned() -> None:
    optimizer = Adam(0.01)
    model = linear.model(optimizer=optimizer)
    model.fit(X, Y, **QUIET)
    slots = [variable.numpy() for variable in optimizer.variables]
    model.compile(optimizer, "mae")
    for before, variable in zip(slots, optimizer.variables, strict=True):
        np.testing.assert_array_equal(before, variable.numpy())
    model.fit(X, Y, **QUIET)
    assert int(optimizer.iterations.numpy()) == 2


def test_two_models_share_a_layer() -> None:
    shared = Dense(4, "tanh", input_dim=3)
    models = [Sequential([shared, Dense(1)]) for _ in range(2)]
    for model in models:
        model.compile("sgd", "mse")
    before = models[1].predict(X, verbose=0)
    models[0].fit(X, Y, **QUIET)
    np.testing.assert_array_equal(models[0].get_weights()[0], models[1].get_weights()[0])
    assert not np.allclose(models[1].predict(X, verbose=0), before)
    models[1].fit(X, Y, **QUIET)
    np.testing.assert_array_equal(models[0].get_weights()[0], shared.get_weights()[0])


def test_frozen_layers_stay_after_compile() -> None:
    model = Sequential([Dense(4, "tanh", input_dim=3), Dense(1)])
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, Y, **QUIET)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])
    assert len(model.trainable_weights) == 2 and len(model.non_trainable_weights) == 2


def test_the_name_given_to_a_metric_is_its_key() -> None:
    model = linear.model(metrics=["mae", "mean_absolute_error", "mse"])
    assert set(model.fit(X, Y, **QUIET).history) == {"loss", "mae", "mean_absolute_error", "mse"}


def test_a_function_is_a_loss_and_a_metric() -> None:
    from kmagic import ops

    def fourth(y_true: Any, y_pred: Any) -> Any:
        return ops.mean((y_true - y_pred) ** 4, axis=-1)

    model = linear.model(loss=fourth, metrics=[fourth])
    expected = (Descent().error(X, Y) ** 4).mean()
    assert model.evaluate(X, Y, verbose=0, return_dict=True) == pytest.approx({"loss": expected, "fourth": expected})


@pytest.mark.parametrize(
    ("units", "target", "expected"),
    [(1, np.array([0, 1]), "binary"), (3, np.array([0, 2]), "sparse"), (3, np.eye(3)[[0, 2]], "categorical")],
)
def test_accuracy_takes_the_form_that_fits(units: int, target: np.ndarray, expected: str) -> None:
    head = "sigmoid" if units == 1 else "softmax"
    model = Sequential([Dense(units, head, input_dim=2, kernel_initializer="ones")])
    model.compile("sgd", "crossentropy", metrics=["accuracy"])
    model.evaluate(np.ones((2, 2)), target, verbose=0)
    assert type(model.metrics[1]).__name__.lower().startswith(expected) and model.metrics[1].name == "accuracy"
