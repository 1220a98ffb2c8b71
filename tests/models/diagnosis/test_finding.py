"""Fixes: what applying one changes, and what it leaves alone."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadData, Busy
from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.models.diagnosis import Finding
from kmagic.models.editing import remember

GENERATOR = np.random.default_rng(6)
X = GENERATOR.normal(size=(60, 4)).astype("float32")
Y = np.digitize(X[:, 0], [-0.4, 0.4])


def classifier(**options: object) -> Sequential:
    model = Sequential([Dense(3, "softmax", input_dim=4)])
    model.compile("adam", "sparse_categorical_crossentropy", **options)
    return model


def finding(code: str, model: Sequential, *data: np.ndarray, **options: object) -> Finding:
    return next(found for found in kmagic.diagnose(model, *data, **options) if found.code == code)


def test_the_way_to_validate_stays() -> None:
    model = classifier(validate="error")
    finding("K114", model, X, Y + 1).fixes[0].apply()
    spoiled = X.copy()
    spoiled[3, 1] = np.nan
    with pytest.raises(BadData, match="NaN") as caught:
        model.fit(spoiled, Y + 1, verbose=0)
    assert caught.value.where == "K122"


def test_data_and_options_leave_the_optimizer_where_it_is() -> None:
    model = classifier()
    model.fit(X, Y, epochs=3, batch_size=20, verbose=0)
    for code, data, options in (("K114", (X, Y + 1), {}), ("K168", (X, Y), {"batch_size": 500})):
        before, count = model.optimizer, int(model.optimizer.iterations.numpy())
        finding(code, model, *data, **options).fixes[0].apply()
        assert model.optimizer is before and int(before.iterations.numpy()) == count == 9
        model.preparation = type(model.preparation)()


def test_another_recipe_starts_anew() -> None:
    model = classifier()
    model.fit(X, Y, epochs=3, verbose=0)
    finding("K102", model, X, np.eye(3)[Y]).fixes[0].apply()
    assert model.loss == "categorical_crossentropy" and not int(model.optimizer.iterations.numpy())


def test_nothing_is_changed_while_a_model_trains() -> None:
    model, held = classifier(), threading.Event()
    fix = finding("K114", model, X, Y + 1).fixes[0]
    undo = remember(model)
    run = model.fit_async(X, Y, epochs=2, verbose=0, listeners=[lambda event: held.wait(10)])
    with pytest.raises(Busy):
        fix.apply()
    with pytest.raises(Busy):
        undo()
    assert not model.preparation and model.run is run
    held.set()
    run.wait()
    undo()
    assert model.run is run and len(model.history.history["loss"]) == 2


def test_a_fix_that_fails_leaves_nothing_behind() -> None:
    model = classifier()
    fix = finding("K114", model, X, Y + 1).fixes[0]

    def broken(case: object) -> object:
        fix.change(fix.case)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        type(fix)(fix.label, fix.code, broken, fix.case).apply()  # type: ignore[arg-type]
    assert not model.preparation


def test_a_refused_option_leaves_the_model_unbuilt() -> None:
    for options in ({"validation_freq": 0}, {"verbose": "loud"}, {"callbacks": [3]}):
        model = Sequential([Dense(3, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        with pytest.raises((ValueError, TypeError)):
            model.fit(X, Y, **{"verbose": 0, **options})
        assert not model.built and not model.optimizer.built


def test_the_code_for_another_head_keeps_what_the_user_chose() -> None:
    """What `apply` and the pasted code make of a head with options of its own."""
    heads = []
    for paste in (False, True):
        model = Sequential([Dense(3, "softmax", use_bias=False, kernel_regularizer="l2", name="kind", input_dim=4)])
        model.compile("adam", "sparse_categorical_crossentropy")
        labels = np.where(Y == 2, 4, Y)
        fix = next(fix for fix in finding("K114", model, X, labels).fixes if "5 units" in fix.label)
        if paste:
            exec(fix.code, {"model": model, "x": X, "y": labels, "numpy": np, "kmagic": kmagic})
        else:
            fix.apply()
        heads.append(model.layers[-1].get_config())
    assert heads[0] == heads[1] and (heads[0]["units"], heads[0]["name"]) == (5, "kind")
