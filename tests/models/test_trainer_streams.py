"""Training on what gives batches: generators, iterators, and what can be iterated anew."""

import gc
import itertools
import time
import warnings
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from kmagic.base.errors import BadData, BadValue
from kmagic.callbacks import Callback
from kmagic.layers import Concatenate, Dense, Input
from kmagic.models import Model, Sequential, preparation
from kmagic.models.diagnosis import DiagnosisWarning, diagnose
from kmagic.models.diagnosis.preview import preview
from kmagic.utils import PyDataset, set_random_seed

ROWS = 40
X = np.random.default_rng(0).normal(size=(ROWS, 3)).astype("float32")
Y = (X[:, 0] > X[:, 1]).astype("float32")
HELD_OUT = np.random.default_rng(9).normal(size=(ROWS, 3)).astype("float32"), Y[::-1].copy()
WEIGHTS = np.random.default_rng(1).uniform(0.5, 2, ROWS).astype("float32")


def model(**options: Any) -> Sequential:
    set_random_seed(3)
    made = Sequential([Dense(4, "tanh", input_dim=3), Dense(1, "sigmoid")], name="small")
    made.compile("sgd", "binary_crossentropy", **{"metrics": ["accuracy"], **options})
    return made


def batches(size: int = 8, *arrays: Any) -> Iterator[Any]:
    for start in range(0, ROWS, size):
        yield tuple(array[start : start + size] for array in arrays or (X, Y))


def endless(size: int = 8, *arrays: Any) -> Iterator[Any]:
    while True:
        yield from batches(size, *arrays)


class Anew:
    """Batches that can be gone through again, as a DataLoader's."""

    def __init__(self, size: int = 8) -> None:
        self.size = size

    def __iter__(self) -> Iterator[Any]:
        return batches(self.size)


class Sized(Anew):
    """It says how many."""

    def __len__(self) -> int:
        return -(-ROWS // self.size)


def on_arrays(epochs: int = 1, size: int = 8, **options: Any) -> dict[str, list[float]]:
    return model().fit(X, Y, batch_size=size, epochs=epochs, shuffle=False, verbose=0, **options).history


# ---- the same numbers as with arrays ----


def test_whatever_gives_the_batches_the_numbers_are_those_of_arrays() -> None:
    expected = on_arrays(3)
    assert model().fit(endless(), steps_per_epoch=5, epochs=3, verbose=0).history == expected
    thrice = itertools.chain(batches(), batches(), batches())
    assert model().fit(thrice, steps_per_epoch=5, epochs=3, verbose=0).history == expected
    assert model().fit(Anew(), epochs=3, verbose=0).history == expected
    assert model().fit(Sized(), epochs=3, verbose=0).history == expected
    assert model().fit(zip(*[iter([X[:8]] * 2), iter([Y[:8]] * 2)], strict=True), verbose=0).history["loss"]


def test_lists_arrays_that_are_views_and_frames_are_checked_like_arrays() -> None:
    expected = on_arrays()
    pandas = pytest.importorskip("pandas")
    as_lists = ([x.tolist(), y.tolist()] for x, y in batches())
    as_frames = ((pandas.DataFrame(x), pandas.Series(y)) for x, y in batches())
    as_columns = ((np.asfortranarray(x), y[::-1][::-1]) for x, y in batches())
    for given_ in (as_lists, as_frames, as_columns):
        assert model().fit(given_, verbose=0).history == expected


def test_weights_of_samples_and_of_classes() -> None:
    weighted = on_arrays(2, sample_weight=WEIGHTS)
    assert model().fit(endless(8, X, Y, WEIGHTS), steps_per_epoch=5, epochs=2, verbose=0).history == weighted
    by_class = {0: 0.5, 1: 3.0}
    found = model().fit(Anew(), epochs=2, class_weight=by_class, verbose=0).history
    assert found == on_arrays(2, class_weight=by_class)
    with pytest.raises(BadValue, match="class_weight and sample_weight are both given"):
        model().fit(batches(8, X, Y, WEIGHTS), class_weight=by_class, verbose=0)


def test_evaluate_and_predict() -> None:
    trained = model()
    assert trained.evaluate(batches(), verbose=0) == trained.evaluate(X, Y, batch_size=8, verbose=0)
    assert trained.evaluate(endless(), steps=2, verbose=0) == trained.evaluate(X[:16], Y[:16], batch_size=8, verbose=0)
    expected = trained.predict(X, batch_size=8, verbose=0)
    np.testing.assert_array_equal(trained.predict(batches(), verbose=0), expected)  # y is passed over
    np.testing.assert_array_equal(trained.predict((x for x, _ in batches()), verbose=0), expected)
    np.testing.assert_array_equal(trained.predict(Anew(), steps=3, verbose=0), expected[:24])
    np.testing.assert_array_equal(trained.predict(X, batch_size=8, steps=2, verbose=0), expected[:16])
    np.testing.assert_array_equal(trained.predict(X, steps=5, verbose=0), expected)


class HeldOut(Sized):
    """Batches of other rows."""

    def __iter__(self) -> Iterator[Any]:
        return batches(self.size, *HELD_OUT)


def test_validation_data_may_give_batches() -> None:
    first = HELD_OUT[0][:16], HELD_OUT[1][:16]
    expected = on_arrays(4, validation_data=first, validation_batch_size=8)
    for held_out in (HeldOut(), itertools.cycle(itertools.islice(iter(HeldOut()), 2))):
        found = model().fit(Anew(), epochs=4, validation_data=held_out, validation_steps=2, verbose=0).history
        assert found == expected
    found = on_arrays(4, validation_data=HELD_OUT, validation_batch_size=8, validation_steps=2)
    assert found == expected
    seldom = model().fit(Anew(), epochs=4, validation_data=HeldOut(), validation_freq=2, verbose=0).history
    whole = on_arrays(4, validation_data=HELD_OUT, validation_batch_size=8)
    assert seldom["val_loss"] == whole["val_loss"][1::2] and seldom["loss"] == expected["loss"]


def test_validation_batches_that_run_out_are_told() -> None:
    with pytest.warns(UserWarning, match="ran out of data before the first step"):
        found = model().fit(Anew(), epochs=3, validation_data=batches(), verbose=0).history
    assert len(found["loss"]) == 3 and len(found["val_loss"]) == 1


@settings(deadline=None, max_examples=20)
@given(sizes=some.lists(some.integers(1, 30), min_size=1, max_size=8))
def test_batches_of_any_sizes_train_as_one_by_one(sizes: list[int]) -> None:
    stream = np.random.default_rng(len(sizes))
    parts = [(x, (x[:, 0] > 0).astype("float32")) for x in (stream.normal(size=(n, 3)) for n in sizes)]
    one_by_one = model(metrics=None)
    losses = [one_by_one.train_on_batch(x, y) for x, y in parts]
    together = model(metrics=None)
    history = together.fit(iter(parts), verbose=0).history
    np.testing.assert_allclose(history["loss"][0], np.average(losses, weights=sizes), rtol=1e-5)
    for mine, other in zip(together.get_weights(), one_by_one.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert together.predict((x for x, _ in parts), verbose=0).shape == (sum(sizes), 1)


def test_several_inputs_and_outputs() -> None:
    left, right = Input((2,), name="left"), Input((1,), name="right")
    joined = Concatenate()([left, right])
    outputs = {"kind": Dense(1, "sigmoid", name="kind")(joined), "place": Dense(2, name="place")(joined)}

    def made() -> Model:
        set_random_seed(1)
        model = Model({"left": left, "right": right}, outputs)
        for layer in model.layers[3:]:
            layer.set_weights([np.full(array.shape, 0.1) for array in layer.get_weights()])
        model.compile("sgd", {"kind": "binary_crossentropy", "place": "mse"})
        return model

    def parts(start: int, stop: int) -> Any:
        rows = slice(start, stop)
        return {"left": X[rows, :2], "right": X[rows, 2:]}, {"kind": Y[rows, None], "place": X[rows, 1:]}

    expected = made().fit(*parts(0, ROWS), batch_size=10, shuffle=False, verbose=0).history
    stream = (parts(start, start + 10) for start in range(0, ROWS, 10))
    assert made().fit(stream, verbose=0).history == expected
    predicted = made().predict((parts(start, start + 10)[0] for start in range(0, ROWS, 10)), verbose=0)
    assert predicted["place"].shape == (ROWS, 2)


def test_a_model_without_an_input_shape_is_built_for_the_first_batch() -> None:
    made = Sequential([Dense(2), Dense(1)])
    made.compile("sgd", "mse")
    made.fit(batches(), verbose=0)
    assert made.input_shape == (None, 3)
    eager = model(run_eagerly=True)
    np.testing.assert_allclose(eager.fit(batches(16), verbose=0).history["loss"], on_arrays(size=16)["loss"], rtol=1e-5)


# ---- epochs and steps ----


class Listening(Callback):
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.heard.append(f"epoch {epoch}")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.heard.append(batch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.heard.append(f"end {epoch}")


def test_an_unknown_number_of_steps_is_none_and_known_after_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    listening = Listening()
    run = model().fit_async(Anew(), epochs=2, verbose=1, callbacks=[listening])
    run.wait()
    assert listening.params["steps"] is None and run.live.steps == 5
    assert listening.heard == ["epoch 0", *range(5), "end 0", "epoch 1", *range(5), "end 1"]
    printed = capsys.readouterr().out
    assert "1/?" in printed and "Epoch 2/2" in printed
    assert model().fit(Sized(), verbose=0).params["steps"] == 5
    assert model().fit(endless(), steps_per_epoch=7, verbose=0).params["steps"] == 7


def test_an_iterator_that_runs_out_ends_the_training_with_a_warning() -> None:
    listening = Listening()
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model().fit(batches(), epochs=4, steps_per_epoch=2, verbose=0, callbacks=[listening])
    # 2, 2, 1 steps, and none for the fourth epoch
    assert history.epoch == [0, 1, 2]
    assert listening.heard[-3:] == [0, "end 2", "epoch 3"]


def test_one_epoch_of_an_iterator_is_nothing_to_warn_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(model().fit(batches(), verbose=0).history["loss"]) == 1


def test_what_is_left_of_an_iterator_is_the_users() -> None:
    source = endless()
    model().fit(source, steps_per_epoch=2, verbose=0)
    np.testing.assert_array_equal(next(source)[0], X[16:24])
    # a second training goes on
    trained = model()
    trained.fit(source, steps_per_epoch=2, verbose=0)
    np.testing.assert_array_equal(next(source)[0], X[:8])


def test_a_callback_stops_within_an_epoch_without_an_end() -> None:
    class Enough(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 11

    assert model().fit(endless(), epochs=3, verbose=0, callbacks=[Enough()]).epoch == [0]


def test_a_run_over_a_stream_without_an_end_can_be_stopped() -> None:
    run = model().fit_async(endless(), steps_per_epoch=-1, epochs=2, verbose=0)
    while run.live.step < 3:
        time.sleep(0.01)
    run.stop()
    assert run.wait().status == "stopped"


# ---- mistakes ----


def beside(**options: Any) -> Any:
    return lambda: model().fit(batches(), verbose=0, **options)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (beside(y=Y), "When providing `x` as a generator, `y` should not be passed"),
        (beside(sample_weight=WEIGHTS), "`sample_weight` should not be passed"),
        (beside(validation_split=0.2), "`validation_split` is only supported for arrays"),
        (beside(steps_per_epoch=0), "steps_per_epoch is 0"),
        (beside(validation_data=batches(), validation_steps=1.5), "validation_steps is 1.5"),
        (lambda: model().evaluate(batches(), Y, verbose=0), "`y` should not be passed"),
        (lambda: model().evaluate(X, Y, steps=-3, verbose=0), "steps is -3"),
        (lambda: model().fit(iter(()), verbose=0), "gives no batch"),
        (lambda: model().fit((x for x, _ in batches()), verbose=0), "batch 1 of the generator: y is missing"),
        (lambda: model().fit(iter([(X, Y, WEIGHTS, Y)]), verbose=0), "a batch of 4 parts"),
        (lambda: model().fit(iter([(X, Y[:5])]), verbose=0), "x has 40 rows, y has 5"),
        (lambda: model().fit(iter(["text"]), verbose=0), "batch 1 of the str_iterator|text"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(call: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()


def then(second: Any) -> Iterator[Any]:
    yield X[:8], Y[:8]
    yield second


@pytest.mark.parametrize(
    ("second", "says", "expected"),
    [
        ((X[:8, :2], Y[:8]), r"batch 2 of the generator: x has shape \[n 2\]", r"\[n 3\]: 3 features"),
        ((X[:8], np.array(["a"] * 8)), "batch 2 of the generator: y holds text", "numbers"),
        ((X[:8], Y[:7]), "batch 2 of the generator: x has 8 rows, y has 7", "equal numbers"),
        ((X[:8], Y[:8], WEIGHTS[:8]), "1 y, 1 sample_weight", "the same parts as in the first batch"),
        ((X[:0], Y[:8]), "x has 0 rows", "at least one row"),
        ((X[:8], Y[:8] * 7), "batch 2 of the generator: ", None),
        ((np.where(X[:8] > 0, np.nan, X[:8]), Y[:8]), "batch 2 of the generator: ", None),
    ],
)
def test_a_later_batch_that_does_not_fit_is_named(second: Any, says: str, expected: str | None) -> None:
    for call in (
        lambda: model().fit(then(second), verbose=0),
        lambda: model().evaluate(then(second), verbose=0),
    ):
        with pytest.raises(BadData, match=says) as caught:
            call()
        assert expected is None or expected.replace("\\", "") in str(caught.value)
        assert caught.value.fix is None


def test_whole_numbers_are_not_filled_with_parts_of_numbers() -> None:
    def changing() -> Iterator[Any]:
        yield np.ones((4, 3), "int32"), Y[:4]
        yield X[:4], Y[:4]

    with pytest.raises(BadData, match="x of batch 2 of the generator .* dtype float32") as caught:
        model().fit(changing(), verbose=0)
    assert "dtype int32, as in the first batch" in str(caught.value)
    # what loses nothing but digits is taken
    wider = ((x.astype("float64"), y.astype("int64")) for x, y in batches())
    first = itertools.chain([(X[:8], Y[:8])], itertools.islice(wider, 1, None))
    np.testing.assert_allclose(model().fit(first, verbose=0).history["loss"], on_arrays()["loss"], rtol=1e-6)


def test_a_batch_of_another_size_than_the_input_fixes_is_refused() -> None:
    set_random_seed(1)
    x = Input(batch_shape=(8, 3))
    made = Model(x, Dense(1)(x))
    made.compile("sgd", "mse")
    assert len(made.fit(batches(), verbose=0).history["loss"]) == 1
    with pytest.raises(BadData, match=r"batch 2 of the generator: 4 rows(.|\n)*8 rows, the batch size of the input"):
        made.fit(then((X[:4], Y[:4])), verbose=0)


def test_an_error_of_the_users_code_comes_as_it_was() -> None:
    def broken() -> Iterator[Any]:
        yield X[:8], Y[:8]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone") as caught:
        model().fit(broken(), verbose=0)
    assert caught.traceback[-1].name == "broken"
    assert "while batch 2 of the generator was taken" in caught.value.__notes__


def test_after_a_refusal_the_model_is_as_it_was() -> None:
    trained = model()
    before = trained.get_weights()
    with pytest.raises(BadData):
        trained.fit(then((X[:8, :2], Y[:8])), verbose=0)
    assert trained.run is not None and trained.run.status == "failed"
    trained.fit(Anew(), verbose=0)
    assert any((a != b).any() for a, b in zip(before, trained.get_weights(), strict=True))


def test_a_run_that_is_over_keeps_no_stream() -> None:
    trained, source = model(), Anew()
    trained.fit(source, verbose=0)
    seen = weakref.ref(source)
    del source
    gc.collect()
    assert seen() is None


# ---- diagnosis and preparation ----


def test_the_first_batch_is_looked_at_by_rules_that_mean_something_for_a_sample() -> None:
    one_hot = np.eye(2, dtype="float32")[Y.astype(int)]
    with pytest.raises(BadData, match="batch 1 of the generator"):
        model(metrics=None).fit(batches(8, X, one_hot), verbose=0)
    # eight rows of one class, and few rows for many weights, are nothing to warn of in a sample
    ordered = np.argsort(Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DiagnosisWarning)
        model().fit(batches(8, X[ordered], Y[ordered]), verbose=0)


def test_diagnose_looks_at_batches_that_can_be_had_again_and_uses_up_no_others() -> None:
    trained = model()
    wrong = Sequential([Dense(3, "softmax", input_dim=3)])
    wrong.compile("sgd", "categorical_crossentropy")
    found = {finding.code for finding in diagnose(wrong, Sized(), epochs=3, steps_per_epoch=4)}
    assert "K101" in found and "K131" not in found
    source = batches()
    assert [finding.code for finding in diagnose(trained, source)] == ["K158"]
    np.testing.assert_array_equal(next(source)[0], X[:8])
    assert diagnose(trained, Sized()) == []


def test_a_preview_is_of_the_first_batch() -> None:
    trained = model()
    found, expected = preview(trained, Sized()), preview(trained, X, Y, batch_size=8)
    assert found.rows == 8 and found == expected
    assert preview(trained, Sized(), batch_size=3) == preview(trained, X, Y, batch_size=3)
    with pytest.raises(BadValue, match="`y` should not be passed"):
        preview(trained, Sized(), Y)
    source = batches()
    with pytest.raises(BadData, match="only the x of fit, evaluate and predict may give batches"):
        preview(trained, source)
    np.testing.assert_array_equal(next(source)[0], X[:8])


def test_steps_of_preparation_that_go_row_by_row_change_each_batch() -> None:
    words = np.array(["no", "yes"])[Y.astype(int)]
    trained = model()
    trained.preparation = trained.preparation.added(preparation.MapLabels(["no", "yes"]))
    assert trained.fit(batches(8, X, words), verbose=0).history == on_arrays()
    assert set(trained.predict(batches(), verbose=0).tolist()) <= {"no", "yes"}
    gaps = X.copy()
    gaps[8:16, 0] = np.nan  # a whole batch
    gaps[20] = np.nan
    dropping = model()
    dropping.preparation = dropping.preparation.added(preparation.DropMissing())
    kept = ~np.isnan(gaps[:, 0])
    by_hand = model()
    parts = [(X[s : s + 8][kept[s : s + 8]], Y[s : s + 8][kept[s : s + 8]]) for s in range(0, ROWS, 8)]
    history = by_hand.fit(iter([part for part in parts if len(part[0])]), verbose=0).history
    assert dropping.fit(batches(8, gaps, Y), verbose=0).history == history


def test_batches_without_rows_are_passed_over() -> None:
    nothing = X[:0], Y[:0]

    class Gappy(PyDataset):
        asked = ()

        def __len__(self) -> int:
            return 8

        def __getitem__(self, index: int) -> Any:
            self.asked = (*self.asked, index)
            return nothing if index in (0, 3, 7) else list(batches())[(1, 2, 4, 5, 6).index(index)]

    expected = on_arrays(2)
    for stream in (Gappy(), Gappy(workers=0)):
        assert model().fit(stream, epochs=2, shuffle=False, verbose=0).history == expected
    gappy = [nothing, *batches(), nothing]
    assert model().fit(itertools.cycle(gappy), epochs=2, steps_per_epoch=5, verbose=0).history == expected
    trained = model()
    assert trained.evaluate(iter(gappy), verbose=0) == trained.evaluate(X, Y, batch_size=8, verbose=0)
    np.testing.assert_array_equal(trained.predict(iter(gappy), verbose=0), trained.predict(X, batch_size=8, verbose=0))
    with pytest.raises(BadData, match="gives no batch"):
        model().fit(iter([nothing]), verbose=0)


OF_ALL_ROWS = [preparation.ShuffleRows(), preparation.UniqueRows(), preparation.TakeRows()]


@pytest.mark.parametrize("step", OF_ALL_ROWS, ids=repr)
def test_steps_of_preparation_that_need_all_rows_are_refused(step: Any) -> None:
    trained = model()
    trained.preparation = trained.preparation.added(preparation.Column()).added(step)
    for call in (trained.fit, trained.evaluate, trained.predict):
        with pytest.raises(BadData, match=f"{type(step).__name__} needs all rows") as caught:
            call(batches(), verbose=0)
        assert caught.value.fix == "model.preparation = model.preparation.without(1)"


def test_batches_by_number_and_workers_beside_a_generator_for_validation() -> None:
    class Numbered(PyDataset):
        def __len__(self) -> int:
            return 5

        def __getitem__(self, index: int) -> Any:
            return list(batches())[index]

    held_out = itertools.cycle(HeldOut())
    options = {"epochs": 2, "shuffle": False, "validation_data": held_out, "validation_steps": 5, "verbose": 0}
    found = model().fit(Numbered(workers=2), **options).history
    assert found == on_arrays(2, validation_data=HELD_OUT, validation_batch_size=8)
