"""Sizes: what fits passes, with the limit of this machine and with a smaller one."""

import numpy as np
import pytest

import kmagic
from kmagic.layers import Dense, Dropout, Input
from kmagic.models import Sequential
from kmagic.models.diagnosis.rules import size

X = np.random.default_rng(9).normal(size=(512, 4)).astype("float32")
RECIPE = {"optimizer": "adam", "loss": "mse"}


def found(model, code, rows=512, **fit):
    findings = kmagic.diagnose(model, X[:rows], X[:rows].sum(1), **RECIPE, **fit)
    return next((finding for finding in findings if finding.code == code), None)


def wide(units, *further):
    return Sequential([Input((4,)), Dense(units, activation="relu"), *further, Dense(1)])


@pytest.mark.parametrize(("limit", "batch_size", "fits"), [(2_000_000, 16, True), (2_000_000, 512, False)])
def test_a_batch_fits_or_not(monkeypatch, limit, batch_size, fits):
    monkeypatch.setattr(size, "memory_limit", lambda: limit)
    finding = found(wide(1000), "K174", batch_size=batch_size)
    assert (finding is None) is fits
    if finding is not None:
        smaller = finding.fixes[0].apply()
        assert smaller.options.batch_size < batch_size
        assert found(smaller.model, "K174", batch_size=smaller.options.batch_size) is None


def test_weights_that_are_too_many_have_no_fix(monkeypatch):
    monkeypatch.setattr(size, "memory_limit", lambda: 10_000)
    finding = found(wide(1000), "K174", batch_size=2)
    assert finding is not None and not finding.fixes


def test_without_a_limit_nothing_is_said(monkeypatch):
    monkeypatch.setattr(size, "memory_limit", lambda: None)
    assert found(wide(1000), "K174", batch_size=512) is None


def test_what_guards_against_learning_by_heart_counts():
    assert found(wide(5000), "K173", rows=20) is not None
    assert found(wide(5000, Dropout(0.5)), "K173", rows=20) is None
    regularized = Dense(5000, activation="relu", kernel_regularizer="l2")
    assert found(Sequential([Input((4,)), regularized, Dense(1)]), "K173", rows=20) is None
    frozen = wide(5000)
    frozen.layers[0].trainable = False
    assert found(frozen, "K173", rows=20) is None
