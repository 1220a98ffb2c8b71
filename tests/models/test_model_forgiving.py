"""What Keras users write and expect to work."""

import numpy as np
import pandas as pd
import pytest

import kmagic
from kmagic.base.errors import BadData, BadType, NotFinite
from kmagic.callbacks import EarlyStopping, TerminateOnNaN
from kmagic.layers import Dense, Dropout
from kmagic.models import Sequential

X = np.random.default_rng(0).normal(size=(30, 3)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


def binary() -> Sequential:
    model = Sequential([Dense(1, "sigmoid", input_dim=3)])
    model.compile("sgd", "binary_crossentropy")
    return model


def test_a_model_can_be_called_with_a_training_flag() -> None:
    model = Sequential([Dropout(0.5, seed=1, input_shape=(3,))])
    ones = np.ones((4, 3), "float32")
    np.testing.assert_array_equal(model(ones, training=False), ones)
    assert set(np.unique(model(ones, training=True))) <= {0.0, 2.0}
    np.testing.assert_array_equal(model(ones), ones)


def test_one_callback_need_not_be_in_a_list() -> None:
    history = binary().fit(X, Y, epochs=9, verbose=0, callbacks=EarlyStopping("loss", min_delta=100.0))
    assert len(history.epoch) == 2  # nothing improves by 100


def test_one_input_may_be_in_a_list() -> None:
    binary().fit([X], Y, verbose=0)


def test_tables_of_numbers_and_truth_values() -> None:
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1] > 0, "c": np.arange(30) // 2})
    binary().fit(frame, Y, verbose=0)


def test_weights_of_classes_are_a_dictionary() -> None:
    with pytest.raises(BadType, match="expected: a dictionary"):
        binary().fit(X, Y, verbose=0, class_weight=[1, 2])


@pytest.mark.parametrize("loss", ["binary_crossentropy", "sparse_categorical_crossentropy"])
def test_infinite_targets_are_named(loss: str) -> None:
    model = Sequential([Dense(1 if loss.startswith("binary") else 2, "sigmoid", input_dim=3)])
    model.compile("sgd", loss)
    with pytest.raises(BadData, match=r"y holds 1 infinite value: row 2"):
        model.fit(X, np.where(np.arange(30) == 2, np.inf, 0.0), verbose=0)


def test_slopes_of_whole_numbers_are_fractions() -> None:
    assert float(kmagic.grad(lambda x: x**2)(3)) == 6.0
    assert kmagic.grad(lambda x: kmagic.ops.sum(x * 2.5))([1, 2]).tolist() == [2.5, 2.5]


def test_an_index_that_is_computed_in_a_trained_layer() -> None:
    class Strongest(kmagic.layers.Layer):
        def build(self, input_shape: object) -> None:
            self.w = self.add_weight((3,), "ones", name="w")

        def call(self, inputs: object) -> object:
            return inputs * kmagic.ops.take(self.w, kmagic.ops.argmax(self.w), axis=0)

    model = Sequential([Strongest(), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    moved = model.layers[0].w.numpy() != 1.0
    assert moved.tolist() == [True, False, False]


@pytest.mark.filterwarnings("ignore::kmagic.models.diagnosis.DiagnosisWarning")
def test_a_training_that_diverges_ends_quietly_where_that_is_asked() -> None:
    def wild() -> Sequential:
        model = Sequential([Dense(4, input_dim=3), Dense(1)])
        model.compile(kmagic.optimizers.SGD(1e6), "mse")
        return model

    model = wild()
    history = model.fit(X, Y, epochs=5, verbose=0, batch_size=5, callbacks=[TerminateOnNaN()])
    assert model.run.status == "stopped" and len(history.epoch) < 5
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    with pytest.raises(NotFinite):
        wild().fit(X, Y, epochs=5, verbose=0, batch_size=5, callbacks=[TerminateOnNaN(raise_error=True)])


def test_a_misspelt_option_of_fit_is_named() -> None:
    with pytest.raises(TypeError, match=r"unknown argument 'epoch'(.|\n)*did you mean epochs=\?"):
        binary().fit(X, Y, epoch=3)
