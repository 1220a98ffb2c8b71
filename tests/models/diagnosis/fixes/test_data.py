"""Fixes of data that stay with the model: what a user gives and gets afterwards."""

import numpy as np
import pandas
import pytest

import kmagic
from kmagic.base.errors import BadData
from kmagic.layers import Dense, Input
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis import Finding
from kmagic.optimizers import Adam
from tests.models.diagnosis.tables import kinds, measures

NAMES = np.array(["cat", "dog", "owl"])


def the(found: list[Finding], code: str) -> Finding:
    (finding,) = [finding for finding in found if finding.code == code]
    return finding


def classifier(units: int = 3, head: str = "softmax") -> Sequential:
    kmagic.utils.set_random_seed(1)
    return Sequential([Input((4,)), Dense(8, "relu"), Dense(units, head)])


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy", "crossentropy"])
def test_text_labels_go_in_and_come_out(loss: str) -> None:
    x, y = kinds(1)
    model = classifier()
    model.compile(Adam(0.02), loss, metrics=["accuracy"])
    with pytest.raises(BadData, match="K134: y holds text: 'cat', 'dog', 'owl'"):
        model.fit(x, NAMES[y], verbose=0)
    the(kmagic.diagnose(model, x, NAMES[y]), "K134").fixes[0].apply()
    history = model.fit(x, NAMES[y], epochs=15, validation_data=(x[:9] + 0.01, NAMES[y[:9]]), verbose=0).history
    assert history["loss"][-1] < history["loss"][0] and history["accuracy"][-1] > 0.9
    assert "val_accuracy" in history
    answers = model.predict(x, verbose=0)
    assert answers.shape == (200,) and (answers == NAMES[y]).mean() > 0.9
    measured = model.evaluate(x, NAMES[y], verbose=0, return_dict=True)
    assert measured["accuracy"] == pytest.approx((answers == NAMES[y]).mean())
    with pytest.raises(BadData, match="label 'fox'"):
        model.evaluate(x[:2], ["cat", "fox"], verbose=0)


@pytest.mark.parametrize("order", [("K122", "K134"), ("K134", "K122")])
@pytest.mark.parametrize("gap", [None, float("nan"), pandas.NA])
@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_text_labels_with_gaps_are_mended_in_any_order(loss: str, gap: object, order: tuple[str, str]) -> None:
    x, y = kinds(8)
    labels = NAMES[y].astype(object)
    labels[[3, 50]] = gap
    model = classifier()
    model.compile(Adam(0.02), loss)
    for code in order:
        the(kmagic.diagnose(model, x, labels), code).fixes[0].apply()
    assert not kmagic.diagnose(model, x, labels)
    assert [len(array) for array in model.preparation.data(x, labels)[:2]] == [198, 198]
    losses = model.fit(x, labels, epochs=10, verbose=0).history["loss"]
    assert losses[-1] < losses[0] and set(model.predict(x, verbose=0)) == set(NAMES)


def test_text_labels_of_two_classes_and_of_one_of_two_outputs() -> None:
    x, y = kinds(2, classes=2)
    words = pandas.Series(np.where(y, "yes", "no"))
    inputs = Input((4,))
    hidden = Dense(8, "relu")(inputs)
    model = Model(inputs, [Dense(1, name="size")(hidden), Dense(1, "sigmoid", name="answer")(hidden)])
    model.compile(Adam(0.02), {"size": "mse", "answer": "binary_crossentropy"})
    targets = {"answer": words, "size": x[:, 0] + x[:, 1]}
    the(kmagic.diagnose(model, x, targets), "K134").fixes[0].apply()
    model.fit(x, targets, epochs=20, verbose=0)
    size, answer = model.predict(x, verbose=0)
    assert size.shape == (200, 1) and set(answer) == {"no", "yes"} and (answer == words).mean() > 0.9


def test_columns_of_text_are_read_in_predictions_too() -> None:
    x, y = measures(3, columns=3)
    frame = pandas.DataFrame(x, columns=["rooms", "floor", "age"])
    frame.insert(1, "town", np.where(y > 0, "York", "Bath"))
    model = Sequential([Input((4,)), Dense(8, "relu"), Dense(1)])
    model.compile(Adam(0.02), "mse")
    the(kmagic.diagnose(model, frame, y), "K134").fixes[0].apply()
    assert model.input_shape == (None, 5)
    losses = model.fit(frame, y, epochs=10, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    same = model.predict(frame.sample(frac=1, random_state=0).sort_index(), verbose=0)
    np.testing.assert_array_equal(same, model.predict(frame, verbose=0))
    elsewhere = frame.assign(town="Rome")
    assert np.isfinite(model.predict(elsewhere, verbose=0)).all()


def test_gaps_are_filled_with_the_means_of_the_training_data() -> None:
    x, y = measures(4)
    x[3, 1] = np.nan
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("sgd", "mse")
    the(kmagic.diagnose(model, x, y), "K122").fixes[0].apply()
    model.fit(x, y, verbose=0)
    mean = np.nanmean(x[:, 1].astype("float64"))
    filled = np.where(np.isnan(x), mean, x)
    np.testing.assert_allclose(model.predict(x[:5], verbose=0), filled[:5] @ model.layers[0].get_weights()[0]
                               + model.layers[0].get_weights()[1], rtol=1e-5)  # fmt: skip
    assert np.isfinite(model.predict(np.full((2, 4), np.inf), verbose=0)).all()


def test_a_column_that_is_dropped_may_stay_in_the_users_table() -> None:
    x, y = measures(5)
    x[:, 2] = y
    model = Sequential([Input((4,)), Dense(8, "relu"), Dense(1)])
    model.compile(Adam(0.02), "mse")
    the(kmagic.diagnose(model, x, y), "K170").fixes[0].apply()
    assert model.input_shape == (None, 3) and model.optimizer is not None
    model.fit(x, y, epochs=2, verbose=0)
    changed = x.copy()
    changed[:, 2] = 100
    np.testing.assert_array_equal(model.predict(changed, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("zone", [None, "Europe/London"])
@pytest.mark.parametrize("codes", [("K134", "K207"), ("K207", "K134")])
def test_text_and_dates_in_one_table_are_mended_one_after_the_other(codes: tuple[str, str], zone: str | None) -> None:
    x, y = measures(6, columns=1)
    dates = pandas.date_range("2020", periods=200, tz=zone)
    frame = pandas.DataFrame({"city": np.where(y > 0, "York", "Bath"), "date": dates, "size": x[:, 0]})
    model = Sequential([Input((3,)), Dense(8, "relu"), Dense(1)])
    model.compile(Adam(0.02), "mse")
    the(kmagic.diagnose(model, frame, y), codes[0]).fixes[0].apply()
    with pytest.raises(BadData, match=codes[1]):  # fit goes on saying what is wrong
        model.fit(frame, y, verbose=0)
    the(kmagic.diagnose(model, frame, y), codes[1]).fixes[0].apply()
    losses = model.fit(frame, y, epochs=10, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("validate", ["error", False])
def test_a_fix_leaves_what_compile_was_told_about_looking_for_mistakes(validate: str | bool) -> None:
    x, y = measures(7)
    x[3, 1] = np.nan
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("sgd", "mse", validate=validate)
    the(kmagic.diagnose(model, x, y), "K122").fixes[0].apply()
    assert model._validate == validate
