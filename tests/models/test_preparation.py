"""What a model does to the user's data on their way, and to its answers on the way back."""

import numpy as np
import pandas
import pytest

import kmagic
from kmagic.base.errors import BadData
from kmagic.layers import Dense, Input
from kmagic.models import Model, Sequential
from kmagic.models.preparation import (
    ClassNumbers,
    Column,
    CountDays,
    DropColumns,
    DropLabel,
    DropMissing,
    FillMissing,
    MapLabels,
    OneHot,
    OneHotColumns,
    PadRows,
    Preparation,
    ReadNumbers,
    ReplaceNumber,
    ReshapeRows,
    ScaleTargets,
    Shares,
    ShuffleRows,
    SplitColumns,
    Standardize,
    TakeRows,
    Transpose,
    UniqueRows,
)
from kmagic.optimizers import Adam

GENERATOR = np.random.default_rng(4)
X = GENERATOR.normal(size=(60, 3)).astype("float32")
WORDS = np.where(X[:, 0] > 0, "yes", "no")


def classifier(*steps: object) -> Sequential:
    kmagic.utils.set_random_seed(1)
    model = Sequential([Dense(1, "sigmoid", input_dim=3)])
    model.compile(Adam(0.05), "binary_crossentropy", metrics=["accuracy"])
    model.preparation = Preparation(steps)  # type: ignore[arg-type]
    return model


def test_text_labels_go_in_and_come_out() -> None:
    model = classifier(MapLabels(["no", "yes"]))
    model.fit(X, WORDS, validation_data=(X[:2], WORDS[:2]), epochs=80, batch_size=8, verbose=0)
    answers = model.predict(X, verbose=0)
    assert answers.shape == (60,) and set(answers) == {"no", "yes"}
    assert np.mean(answers == WORDS) > 0.9
    _, accuracy = model.evaluate(X, WORDS, verbose=0)
    assert accuracy == pytest.approx(np.mean(answers == WORDS))
    assert model.test_on_batch(X, WORDS)[1] == pytest.approx(accuracy)


def test_an_unknown_label_is_named() -> None:
    with pytest.raises(BadData, match="label 'maybe'"):
        classifier(MapLabels(["no", "yes"])).fit(X, np.where(X[:, 1] > 0, "maybe", WORDS), verbose=0)


def test_scaled_targets_come_back_in_their_units() -> None:
    model = Sequential([Dense(1, input_dim=3, kernel_initializer="zeros", bias_initializer="ones")])
    model.preparation = Preparation([ScaleTargets(100.0, 50.0)])
    assert model.predict(X[:2], verbose=0).tolist() == [[150.0], [150.0]]


def test_incomplete_rows_are_left_out_of_training_alone() -> None:
    gaps = X.copy()
    gaps[3, 1] = np.nan
    step = DropMissing()
    x, y, weight = Preparation([step]).data(gaps, WORDS, np.arange(60.0))
    assert len(x) == len(y) == len(weight) == 59 and 3.0 not in weight
    assert Preparation([step]).features(gaps) is not None and len(Preparation([step]).features(gaps)) == 60


def test_rows_change_places_together_and_only_for_training() -> None:
    steps = Preparation([ShuffleRows(3)])
    x, y, _ = steps.data(X, X[:, 0], training=True)
    assert not np.array_equal(x, X) and np.array_equal(x[:, 0], y) and sorted(y) == sorted(X[:, 0])
    assert np.array_equal(steps.data(X, X[:, 0])[0], X)


def test_each_step_does_one_thing() -> None:
    prepared = Preparation([FillMissing([0.5, 1.5, 2.5]), Standardize([1.0, 1.0, 1.0], [2.0, 2.0, 2.0])])
    assert prepared.features(np.array([[3.0, np.nan, np.inf]])).tolist() == [[1.0, 0.25, 0.75]]
    assert Preparation([OneHot(3)]).data(X[:2], [2, 0])[1].tolist() == [[0, 0, 1], [1, 0, 0]]
    assert Preparation([ClassNumbers()]).data(X[:2], [[0, 1], [1, 0]])[1].tolist() == [1, 0]
    x, y, _ = Preparation([TakeRows()]).data(X, WORDS[:7])
    assert len(x) == len(y) == 7


def test_several_inputs_and_outputs_keep_their_form() -> None:
    steps = Preparation([Standardize([1.0], [1.0], input=1), MapLabels(["a", "b"], output=1)])
    x, y, _ = steps.data({"p": X, "q": X[:, :1]}, [X[:, 0], np.array(["b"] * 60)])
    assert np.array_equal(x["p"], X) and np.allclose(x["q"], X[:, :1] - 1)
    assert y[1].tolist() == [1] * 60 and np.array_equal(y[0], X[:, 0])
    answers = steps.answers([X, np.array([[0.2], [0.9]])])
    assert answers[1].tolist() == ["a", "b"]


def test_targets_by_name_are_those_of_their_outputs() -> None:
    x = Input((4,))
    model = Model(x, [Dense(1, name="right")(x), Dense(1, name="left")(x)])
    model.compile("sgd", "mse")
    model.preparation = Preparation([ScaleTargets(100.0, 10.0, output=0)])
    y = {"left": np.zeros((8, 1)), "right": np.full((8, 1), 120.0)}
    model.fit(np.zeros((8, 4)), y, sample_weight={"right": np.ones(8), "left": np.ones(8)}, verbose=0)
    model.set_weights([np.zeros((4, 1)), np.ones(1), np.zeros((4, 1)), np.zeros(1)])
    right, left = model.predict(np.zeros((2, 4)), verbose=0)
    np.testing.assert_allclose(right, 110)
    np.testing.assert_array_equal(left, 0)
    loss = model.evaluate(np.zeros((8, 4)), y, verbose=0, return_dict=True)
    assert loss["loss"] == 1.0  # (120 − 100) / 10 against 1, and 0 against 0


def test_one_array_for_several_outputs_and_columns_for_rows() -> None:
    split = Preparation([SplitColumns([1, 2])]).data(None, np.arange(6).reshape(2, 3))[1]
    assert [part.tolist() for part in split] == [[[0], [3]], [[1, 2], [4, 5]]]
    assert Preparation([Column()]).data(None, [1.0, 2.0])[1].tolist() == [[1.0], [2.0]]
    assert Preparation([Column()]).data(None, np.ones((2, 3)))[1].shape == (2, 3)
    shares = Preparation([Shares(1)]).data(None, [np.ones((1, 2)), np.array([[1.0, 3.0], [0.0, 0.0]])])[1]
    assert shares[0].tolist() == [[1.0, 1.0]] and shares[1].tolist() == [[0.25, 0.75], [0.0, 0.0]]


def test_rows_of_a_label_are_left_out() -> None:
    x, y, weights = np.arange(4.0), np.array([[0], [-1], [2], [-1]]), np.array([1.0, 2.0, 3.0, 4.0])
    kept = Preparation([DropLabel(-1)]).data(x, y, weights)
    assert [part.tolist() for part in kept] == [[0.0, 2.0], [[0], [2]], [1.0, 3.0]]
    assert Preparation([DropLabel(-1)]).data(x, None)[0].tolist() == x.tolist()


# ---- tables ----


def test_tables_of_pandas_lose_their_text() -> None:
    frame = pandas.DataFrame({"town": ["York", "Bath", "Rome"], "rooms": [3, 4, 5], "is_old": [True, False, True]})
    (rows,) = OneHotColumns([0], [["Bath", "York"]]).features((frame,))
    np.testing.assert_array_equal(rows, [[3, 1, 0, 1], [4, 0, 1, 0], [5, 1, 0, 0]])
    (rows,) = DropColumns([0]).features((frame,))
    assert rows.dtype == "float64" and rows.tolist() == [[3, 1], [4, 0], [5, 1]]


def test_dates_become_numbers() -> None:
    frame = pandas.DataFrame({"day": pandas.to_datetime(["2024-01-02", "2024-01-04"]), "rooms": [3, 4]})
    (rows,) = CountDays([0], "2024-01-01", 2.0).features((frame,))
    assert rows.dtype == "float64" and rows.tolist() == [[0.5, 3], [1.5, 4]]
    (rows,) = CountDays([0], "2024-01-01").features((frame[["day"]],))
    assert rows.dtype == "float32" and rows.tolist() == [[1], [3]]


def test_numbers_are_read_from_text_and_objects() -> None:
    step = ReadNumbers(None, 0)
    assert step.features((["1"],)) == (["1"],) and step.targets((["1", "2.5"],))[0].tolist() == [1, 2.5]
    np.testing.assert_array_equal(ReadNumbers().features((np.array([[1, None]], object),))[0], [[1, np.nan]])


def test_only_the_column_named_loses_its_number() -> None:
    given = np.array([[1, -999], [-999, 2]])
    assert ReplaceNumber(1, -999.0, 0.5).features((given,))[0].tolist() == [[1, 0.5], [-999, 2]]
    assert given.tolist() == [[1, -999], [-999, 2]]


def test_large_numbers_are_shifted_before_they_become_float32() -> None:
    seconds = np.array([[1_700_000_000], [1_700_000_030]])
    assert Standardize([1_700_000_000.0], [30.0]).features((seconds,))[0].tolist() == [[0], [1]]
    assert Standardize([1_700_000_000.0], [30.0]).features((seconds.astype("float64"),))[0].tolist() == [[0], [1]]


# ---- rows ----


def test_rows_in_another_shape() -> None:
    pictures = np.arange(24).reshape(2, 3, 4)
    assert ReshapeRows([3, 4, 1]).features((pictures,))[0].shape == (2, 3, 4, 1)
    np.testing.assert_array_equal(Transpose([0, 2, 1]).features((pictures,))[0], np.moveaxis(pictures, 1, -1))
    assert PadRows(2, -1).features(([[5], [6, 7, 8]],))[0].tolist() == [[5, -1], [6, 7]]


def test_equal_rows_are_learnt_once_and_in_their_order() -> None:
    x, y = np.array([[3, 1], [2, 2], [3, 1], [3, 1]]), np.array([1, 0, 1, 0])
    steps = Preparation([UniqueRows()])
    rows, targets, weights = steps.data(x, y, np.array([1.0, 2.0, 3.0, 4.0]), training=True)
    assert rows.tolist() == [[3, 1], [2, 2], [3, 1]] and targets.tolist() == [1, 0, 0]
    assert weights.tolist() == [1, 2, 4]
    assert steps.data(x, y)[0] is x


def test_weights_of_classes_go_by_the_users_labels() -> None:
    """The same training as on numbers by hand."""
    words = np.where(X[:, 0] > 0.4, "yes", "no")
    losses = []
    for labels, weights, steps in (
        (words, {"no": 1.0, "yes": 5.0}, [MapLabels(["no", "yes"])]),
        ((words == "yes").astype(int), {0: 1.0, 1: 5.0}, []),
        (np.where(words == "yes", 3, 1), {1: 1.0, 3: 5.0}, [MapLabels([1, 3])]),
    ):
        kmagic.utils.set_random_seed(2)
        model = classifier(*steps)
        history = model.fit(X, labels, class_weight=weights, epochs=3, verbose=0).history["loss"]
        losses.append([*history, model.train_on_batch(X, labels, class_weight=weights)[0]])
    assert losses[0] == losses[1] == losses[2]


def test_findings_about_weights_of_classes_name_the_users_labels() -> None:
    words = np.where(X[:, 0] > 0.4, "yes", "no")
    model = classifier(MapLabels(["no", "yes"]))
    found = [f for f in kmagic.diagnose(model, X, words, class_weight={"no": 1.0}) if f.code == "K146"]
    balanced = [fix for fix in found[0].fixes if "alance" in fix.label]
    assert set(balanced[0].apply().options.class_weight) == {"no", "yes"}
    assert not [f for f in kmagic.diagnose(model, X, words, class_weight={"no": 1.0, "yes": 3.0}) if f.code == "K146"]
