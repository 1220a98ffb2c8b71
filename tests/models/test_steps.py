"""Steps of a user's own: what they are given, what they may do, and that nothing else runs in their place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import Sequential, layers, ops

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3)).astype("float32")
Y = (X @ [1.0, -2.0, 0.5] + 0.3)[:, None].astype("float32")


def dense(kind: type = Sequential) -> Any:
    """A model of one layer that starts from zeros."""
    return kind([layers.Dense(1, kernel_initializer="zeros", input_dim=3)])


class ByHand(Sequential):
    """The default step, written out."""

    def train_step(self, data: Any) -> Any:
        x, y, sample_weight = kmagic.utils.unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = self.compute_loss(x, y, y_pred, sample_weight)
        grads = kmagic.gradients(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables, strict=True))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=ops.shape(x)[0])
        return self.compute_metrics(x, y, y_pred, sample_weight)


class Through(Sequential):
    """Every method, handed on to the default."""

    def train_step(self, data: Any) -> Any:
        return super().train_step(data)

    def test_step(self, data: Any) -> Any:
        return super().test_step(data)

    def predict_step(self, data: Any) -> Any:
        return super().predict_step(data)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return super().compute_metrics(x, y, y_pred, sample_weight)


@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("kind", [ByHand, Through])
def test_the_default_written_out_gives_the_default_numbers(kind: type, run_eagerly: bool) -> None:
    results = []
    for model in (dense(), dense(kind)):
        model.compile("adam", "mse", metrics=["mae"], run_eagerly=run_eagerly)
        weights = np.linspace(0, 1, len(X))
        history = model.fit(
            X, Y, sample_weight=weights, validation_split=0.25, batch_size=5, epochs=2, shuffle=False, verbose=0
        )
        results.append((history.history, model.evaluate(X, Y, verbose=0), model.predict(X, verbose=0)))
    (expected, loss, predicted), (found, own_loss, own_predicted) = results
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert found[name] == pytest.approx(values, rel=1e-6), name
    assert own_loss == pytest.approx(loss, rel=1e-6)
    np.testing.assert_allclose(own_predicted, predicted, rtol=1e-6)


# ---- what a step is given, and what becomes of what it returns ----


class Recording(kmagic.Model):
    """Keeps what it was given, and logs what `said` says."""

    def __init__(self, said: Any) -> None:
        super().__init__()
        self.inner, self.said, self.given = layers.Dense(1, kernel_initializer="ones"), said, []

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)

    def train_step(self, data: Any) -> Any:
        self.given.append(data)
        x, _, _ = kmagic.utils.unpack_x_y_sample_weight(data)
        x = x["a"] if isinstance(x, dict) else x[0] if isinstance(x, list) else x
        loss = ops.mean(self.inner(x))
        self.optimizer.apply(kmagic.gradients(loss, self), self.trainable_variables)
        return self.said(self, loss)


def recorded(said: Any = lambda model, loss: {"loss": loss}, **options: Any) -> Recording:
    model = Recording(said)
    model.compile(kmagic.optimizers.SGD(0.0), **options)
    return model


def test_data_come_in_the_trees_in_which_they_were_given() -> None:
    cases: list[tuple[dict[str, Any], Any]] = [
        ({"x": X}, None),
        ({"x": [X, X]}, ([0, 0],)),
        ({"x": {"a": X, "b": X}}, {"a": 0, "b": 0}),
        ({"x": X, "y": Y}, (0, 0)),
        ({"x": X, "y": {"p": Y, "q": [Y, X]}}, (0, {"p": 0, "q": [0, 0]})),
        ({"x": [X, X], "y": [Y, X]}, ([0, 0], [0, 0])),
        ({"x": X, "y": Y, "sample_weight": Y[:, 0]}, (0, 0, 0)),
    ]
    from kmagic.base.trees import described

    for arguments, expected in cases:
        model = recorded()
        model.fit(**arguments, verbose=0)
        assert described(model.given[0]) == described(0 if expected is None else expected), arguments


def test_scalars_are_those_of_the_last_batch_and_metrics_those_of_the_epoch() -> None:
    def said(model: Any, loss: Any) -> Any:
        model.tracker.update_state(loss)
        return {"last": loss, "mean": model.tracker.result(), "constant": 2, "inside": {"twice": 2 * loss}}

    model = recorded(said)
    model.tracker = kmagic.metrics.Mean(name="mean")
    history = model.fit(X, batch_size=6, epochs=2, shuffle=False, verbose=0).history
    sums = X.sum(axis=1).reshape(4, 6).mean(axis=1)
    assert history["last"] == pytest.approx([sums[-1]] * 2, rel=1e-5)
    assert history["mean"] == pytest.approx([sums.mean()] * 2, rel=1e-5), "reset at the start of each epoch"
    assert history["constant"] == [2, 2] and history["twice"] == pytest.approx([2 * sums[-1]] * 2, rel=1e-5)


def test_a_value_under_the_name_of_a_metric_that_was_not_updated_is_the_value() -> None:
    # Keras reports the metrics here, which are 0
    model = recorded(lambda model, loss: {"loss": loss, "own": 2 * loss})
    model.own = kmagic.metrics.Mean(name="own")
    mean = X.sum(axis=1).mean()
    assert model.fit(X, verbose=0).history == {"loss": pytest.approx([mean]), "own": pytest.approx([2 * mean])}


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_metrics_of_compile_are_updated_one_by_one_as_in_the_guide(run_eagerly: bool) -> None:
    class Guide(Sequential):
        def train_step(self, data: Any) -> Any:
            x, y = data
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
            grads = kmagic.gradients(loss, self.trainable_variables)
            self.optimizer.apply(grads, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    histories = []
    for model in (dense(), dense(Guide)):
        model.compile("adam", "mse", metrics=["mae"], run_eagerly=run_eagerly)
        histories.append(model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0).history)
    assert histories[0].keys() == histories[1].keys() == {"loss", "mae"}
    for name in histories[0]:
        assert histories[1][name] == pytest.approx(histories[0][name], rel=1e-6)


def test_callbacks_and_the_prints_get_the_logs(capsys: pytest.CaptureFixture[str]) -> None:
    model = recorded(lambda model, loss: {"strange": loss})
    seen: list[Any] = []
    model.fit(
        X,
        batch_size=12,
        verbose=2,
        callbacks=[kmagic.callbacks.LambdaCallback(on_train_batch_end=lambda b, logs: seen.append(logs))],
    )
    assert [set(logs) for logs in seen] == [{"strange"}] * 2 and "strange: " in capsys.readouterr().out
    stop = kmagic.callbacks.EarlyStopping("strange", patience=1, mode="min")
    assert len(model.fit(X, epochs=9, shuffle=False, verbose=0, callbacks=[stop]).epoch) == 2


def test_single_batches_run_the_same_steps() -> None:
    model = recorded(lambda model, loss: {"b": 2 * loss, "a": loss})
    mean = X.sum(axis=1).mean()
    assert model.train_on_batch(X) == pytest.approx([mean, 2 * mean], rel=1e-5), "by their names, as in Keras"
    assert model.train_on_batch(X, return_dict=True) == pytest.approx({"a": mean, "b": 2 * mean}, rel=1e-5)


class Doubled(Sequential):
    """Measures and answers in a way of its own."""

    def test_step(self, data: Any) -> Any:
        return {"largest": ops.max(data[0])}

    def predict_step(self, data: Any) -> Any:
        x, _, _ = kmagic.utils.unpack_x_y_sample_weight(data)
        return {"once": self(x), "twice": 2 * self(x)}


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_evaluation_and_prediction_of_ones_own(run_eagerly: bool) -> None:
    model = dense(Doubled)
    model.compile("sgd", "mse", run_eagerly=run_eagerly)
    history = model.fit(X, Y, validation_data=(X[:5], Y[:5]), epochs=2, verbose=0).history
    assert set(history) == {"loss", "val_largest"} and history["val_largest"] == pytest.approx([X[:5].max()] * 2)
    assert model.evaluate(X, Y, batch_size=24, verbose=0) == pytest.approx(X.max())
    assert model.test_on_batch(X, Y, return_dict=True) == pytest.approx({"largest": X.max()})
    found = model.predict(X, batch_size=7, verbose=0)
    np.testing.assert_allclose(found["twice"], 2 * found["once"])
    assert found["once"].shape == (24, 1) and model.predict_on_batch(X)["twice"].shape == (24, 1)


class Measured(Sequential):
    """Measures more than compile chose."""

    spread = kmagic.metrics.Mean(name="spread")

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        logs = super().compute_metrics(x, y, y_pred, sample_weight)
        self.spread.update_state(ops.std(y))
        return logs | {"spread": self.spread.result()}


def test_metrics_beside_those_of_compile() -> None:
    model = dense(Measured)
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=2, batch_size=24, verbose=0).history
    assert set(history) == {"loss", "mae", "spread"}
    assert model.evaluate(X, Y, verbose=0, return_dict=True).keys() == {"loss", "mae", "spread"}


def test_a_loss_of_ones_own_without_one_of_compile() -> None:
    class Absolute(Sequential):
        def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None) -> Any:
            return ops.mean(ops.absolute(y - y_pred)) + sum(self.losses)

    model = Absolute([layers.Dense(1, kernel_initializer="ones", kernel_regularizer="l2", input_dim=3)])
    model.compile(kmagic.optimizers.SGD(0.0))
    expected = np.abs(Y - X.sum(axis=1, keepdims=True)).mean() + 0.01 * 3
    assert model.fit(X, Y, batch_size=24, verbose=0).history["loss"] == pytest.approx([expected], rel=1e-5)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(expected, rel=1e-5)


# ---- what a step may do ----


class TwoPlayers(kmagic.Model):
    """Two numbers with an optimizer each; the second moves by what the first has become."""

    def __init__(self) -> None:
        super().__init__()
        self.d, self.g = (
            kmagic.Variable(value, name=name, dtype="float64") for name, value in (("d", 2.0), ("g", 3.0))
        )

    def compile(self, d_optimizer: Any, g_optimizer: Any, **options: Any) -> None:
        super().compile(**options)
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer

    def train_step(self, data: Any) -> Any:
        z = ops.mean(ops.cast(data, "float64"))
        d_loss = self.d * (self.g * z - 1.0)
        self.d_optimizer.apply([kmagic.gradients(d_loss, self.d)], [self.d])
        g_loss = -self.d * self.g * z
        self.g_optimizer.apply([kmagic.gradients(g_loss, self.g)], [self.g])
        return {"d_loss": d_loss, "g_loss": g_loss}


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_variable_that_was_updated_is_read_as_it_is_then(run_eagerly: bool) -> None:
    model = TwoPlayers()
    model.compile(kmagic.optimizers.SGD(0.1), kmagic.optimizers.SGD(0.5), run_eagerly=run_eagerly)
    logs = model.train_on_batch(np.full((4, 1), 2.0), return_dict=True)
    d = 2 - 0.1 * (3 * 2 - 1)  # 1.5
    assert logs == pytest.approx({"d_loss": 2 * (3 * 2 - 1), "g_loss": -d * 3 * 2})
    assert float(model.d.numpy()) == pytest.approx(d) and float(model.g.numpy()) == pytest.approx(3 + 0.5 * d * 2)
    assert int(model.d_optimizer.iterations) == int(model.g_optimizer.iterations) == 1


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_step_that_is_not_finite_changes_nothing_at_all(run_eagerly: bool) -> None:
    class Breaking(TwoPlayers):
        def train_step(self, data: Any) -> Any:
            logs = super().train_step(data)
            broken = ops.log(self.g - 1000.0)
            self.g_optimizer.apply([kmagic.gradients(broken * self.g, self.g)], [self.g])
            return logs

    model = Breaking()
    model.compile(kmagic.optimizers.SGD(0.1), kmagic.optimizers.Adam(0.5), run_eagerly=run_eagerly)
    with pytest.raises(kmagic.base.errors.NotFinite, match="log in the loss gave NaN"):
        model.train_on_batch(np.full((4, 1), 2.0))
    assert float(model.d.numpy()) == 2 and float(model.g.numpy()) == 3
    assert int(model.d_optimizer.iterations.numpy()) == int(model.g_optimizer.iterations.numpy()) == 0


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_branch_decides_in_the_program(run_eagerly: bool) -> None:
    class Seldom(TwoPlayers):
        def train_step(self, data: Any) -> Any:
            def update() -> None:
                self.d_optimizer.apply([kmagic.gradients(self.d * self.d, self.d)], [self.d])

            ops.cond(ops.equal(self.g_optimizer.iterations % 2, 1), update, lambda: None)
            self.g_optimizer.apply([ops.ones(())], [self.g])
            return {"d": self.d.value}

    model = Seldom()
    model.compile(kmagic.optimizers.SGD(0.25), kmagic.optimizers.SGD(1.0), run_eagerly=run_eagerly)
    found = [model.train_on_batch(np.ones((2, 1)), return_dict=True)["d"] for _ in range(4)]
    assert found == [2, 1, 1, 0.5]


def test_training_is_said_by_the_step_and_counts_inside() -> None:
    class Says(kmagic.Model):
        def __init__(self, training: bool | None) -> None:
            super().__init__()
            self.inner, self.training = (
                Sequential([layers.Dropout(0.5), layers.Dense(1, kernel_initializer="ones")]),
                training,
            )

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

        def train_step(self, data: Any) -> Any:
            found = self(data) if self.training is None else self(data, training=self.training)
            self.optimizer.apply(kmagic.gradients(ops.sum(found), self), self.trainable_variables)
            return {"dropped": ops.mean(ops.cast(ops.not_equal(found, 64.0), "float32"))}

    for training, is_dropped in ((True, True), (False, False), (None, False)):
        model = Says(training)
        model.compile(kmagic.optimizers.SGD(0.0))
        assert (model.train_on_batch(np.ones((16, 64))) > 0) is is_dropped, training


def test_the_optimizer_may_be_set_after_compile() -> None:
    class Late(ByHand):
        def compile(self, optimizer: Any, **options: Any) -> None:
            super().compile(loss="mse", **options)
            self.optimizer = optimizer

    model, plain = dense(Late), dense()
    model.compile(kmagic.optimizers.SGD(0.1))
    plain.compile(kmagic.optimizers.SGD(0.1), "mse")
    for each in (model, plain):
        each.fit(X, Y, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], plain.get_weights()[0], rtol=1e-6)


def test_what_layers_add_belongs_to_them_and_to_their_last_call() -> None:
    class Adds(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(ops.mean(inputs))
            return inputs

    class Twice(kmagic.Model):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = (
                Sequential([Adds()]),
                Sequential([Adds(), layers.Dense(1, kernel_initializer="ones")]),
            )

        def train_step(self, data: Any) -> Any:
            self.one(data)
            self.one(2 * data)
            loss = ops.sum(self.other(3 * data)) * 0 + self.other.losses[0]
            self.optimizer.apply(
                kmagic.gradients(ops.sum(self.other(data)), self.other), self.other.trainable_variables
            )
            return {"one": sum(self.one.losses), "other": loss, "both": sum(self.losses)}

    model = Twice()
    model.compile(kmagic.optimizers.SGD(0.0))
    found = model.train_on_batch(np.ones((4, 2)), return_dict=True)
    assert found == pytest.approx({"one": 2, "other": 3, "both": 3})


def test_nothing_is_found_about_the_loss_of_compile_where_it_is_not_used() -> None:
    wrong = {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}
    assert "K104" in {finding.code for finding in kmagic.diagnose(dense(), X, Y, **wrong)}
    assert kmagic.diagnose(dense(ByHand), X, Y, **wrong) == []
    with pytest.raises(NotImplementedError, match="a preview of a step of your own"):
        kmagic.preview(dense(ByHand), X, Y, loss="mse")


# ---- mistakes ----


def model_with(step: Any, **options: Any) -> Any:
    """A model with this train_step."""
    model = dense(type("Own", (Sequential,), {"train_step": step}))
    model.compile("sgd", "mse", **options)
    return model


def silent(self: Any, data: Any) -> Any:
    loss = self.compute_loss(*data[:1], y=data[1], y_pred=self(data[0]))
    self.optimizer.apply(kmagic.gradients(loss, self), self.trainable_variables)


def gives_a_number(self: Any, data: Any) -> Any:
    return ops.mean(data[0])


def gives_text(self: Any, data: Any) -> Any:
    return super(type(self), self).train_step(data) | {"note": "fine"}


def updates_nothing(self: Any, data: Any) -> Any:
    return {"loss": self.compute_loss(data[0], data[1], self(data[0]))}


def asks_for_a_number(self: Any, data: Any) -> Any:
    loss = self.compute_loss(data[0], data[1], self(data[0]))
    return {"loss": float(loss)}


def branches(self: Any, data: Any) -> Any:
    loss = self.compute_loss(data[0], data[1], self(data[0]))
    if loss > 1:
        loss = loss / 2
    return {"loss": loss}


def uses_a_tape(self: Any, data: Any) -> Any:
    with kmagic.GradientTape() as tape:
        loss = self.compute_loss(data[0], data[1], self(data[0]))
    return {"loss": tape.gradient(loss, self.trainable_variables)}


def goes_backward(self: Any, data: Any) -> Any:
    loss = self.compute_loss(data[0], data[1], self(data[0]))
    loss.backward()


def breaks(self: Any, data: Any) -> Any:
    return {"loss": data[0].missing}


def does_not_fit(self: Any, data: Any) -> Any:
    return {"loss": self(ops.concatenate([data[0], data[0]], axis=1))}


def is_of_keras_2(self: Any, data: Any) -> Any:
    return {"loss": self.compiled_loss(data[1], self(data[0]))}


MISTAKES = {
    silent: r"gives nothing[\s\S]*a dictionary of values[\s\S]*return \{metric.name: metric.result\(\)",
    gives_a_number: r"gives Symbol[\s\S]*a dictionary",
    gives_text: r"'note' is 'fine'",
    updates_nothing: r"Own.train_step: it assigned none of the 2 trainable weights[\s\S]*self.optimizer.apply\(grads",
    asks_for_a_number: r"float\(loss\)[\s\S]*float\(\) of a value that is computed later",
    branches: r"if loss > 1:[\s\S]*kmagic.ops.where\(condition, a, b\) or kmagic.ops.cond",
    uses_a_tape: r"with kmagic.GradientTape\(\) as tape:[\s\S]*kmagic.gradients\(loss, self.trainable_variables\)",
    goes_backward: r"loss.backward\(\)[\s\S]*kmagic.gradients\(loss, self.trainable_variables\)",
    breaks: r"test_steps.py:\d+: return \{\"loss\": data\[0\].missing\}[\s\S]*AttributeError",
    does_not_fit: r"dense[\w/]*, in train_step [\s\S]*test_steps.py:\d+: return \{\"loss\": self\(ops.concat",
    is_of_keras_2: r"compiled_loss is of Keras 2; loss = self.compute_loss",
}


@pytest.mark.parametrize("step", MISTAKES, ids=lambda step: step.__name__)
def test_mistakes_in_a_step_are_told_with_its_line_and_what_to_write(step: Any) -> None:
    model = model_with(step)
    before = model.get_weights()
    with pytest.raises(kmagic.base.errors.KmagicError, match=MISTAKES[step]):
        model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


@pytest.mark.parametrize("step", [silent, gives_a_number, updates_nothing, breaks, uses_a_tape])
def test_they_are_told_line_by_line_too(step: Any) -> None:
    with pytest.raises(kmagic.base.errors.KmagicError, match=MISTAKES[step]):
        model_with(step, run_eagerly=True).fit(X, Y, verbose=0)


def test_line_by_line_a_step_may_ask_for_numbers() -> None:
    seen: list[float] = []

    def looks(self: Any, data: Any) -> Any:
        loss = self.compute_loss(data[0], data[1], self(data[0]))
        seen.append(float(loss))
        assert isinstance(data[0].numpy(), np.ndarray)
        if loss > 0:
            self.optimizer.apply(kmagic.gradients(loss, self), self.trainable_variables)
        return {"own": loss}

    history = model_with(looks, run_eagerly=True).fit(X, Y, batch_size=8, verbose=0).history
    assert len(seen) == 3 and history["own"] == [seen[-1]]


def test_steps_of_keras_on_jax_and_functions_that_nothing_calls_are_refused_at_compile() -> None:
    with pytest.raises(TypeError, match=r"takes the state, as with Keras on JAX[\s\S]*train_step\(self, data\)"):
        model_with(lambda self, state, data: None)
    kind = type("Own", (Sequential,), {"make_train_function": lambda self, force=False: None})
    with pytest.raises(TypeError, match=r"make_train_function would not be called[\s\S]*train_step\(self, data\)"):
        dense(kind).compile("sgd", "mse")
    kind = type("Own", (Sequential,), {"compute_loss": lambda self, y, y_pred: 0.0})
    with pytest.raises(TypeError, match="compute_loss"):
        dense(kind).compile("sgd")


def test_a_compile_of_ones_own_is_not_called_with_the_arguments_of_another() -> None:
    model = TwoPlayers()
    model.compile(kmagic.optimizers.SGD(0.1), kmagic.optimizers.SGD(0.5))
    with pytest.warns(UserWarning, match="TwoPlayers has a compile\\(\\) of its own"):
        TwoPlayers().compile_from_config(model.get_compile_config())


# ---- without side effects ----


def test_a_stateless_loss() -> None:
    model = dense()
    model.compile("sgd", "mse", metrics=["mae"])
    model.evaluate(X, Y, verbose=0)
    trained, others = ([v.numpy() + 1 for v in model.trainable_variables], model.non_trainable_variables)
    measured = [variable.numpy() for variable in model.metrics_variables]
    prediction = X @ trained[0] + trained[1]
    loss, (after, _, metrics) = model.stateless_compute_loss(trained, others, measured, X, Y, prediction)
    assert float(loss) == pytest.approx(((Y - prediction) ** 2).mean(), rel=1e-5)
    np.testing.assert_array_equal(after[0], trained[0])
    assert len(metrics) == len(measured) == 4 and not model.get_weights()[0].any()
    with pytest.raises(ValueError, match="1 values for 2 variables"):
        model.stateless_compute_loss(trained[:1], others, measured)
