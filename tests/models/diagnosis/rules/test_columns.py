"""Columns that never change: those of a table, and not the filled ends of sequences."""

from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic.layers import Dense, Embedding, Flatten, Input, Masking
from kmagic.models.preparation import PadRows, Preparation

GENERATOR = np.random.default_rng(3)
TOKENS = np.concatenate([GENERATOR.integers(1, 20, (80, 6)), np.zeros((80, 3), "int64")], 1)
Y = TOKENS[:, 0] / 20.0


def codes(model: Any, x: Any) -> list[str]:
    return [finding.code for finding in kmagic.diagnose(model, x, Y, optimizer="adam", loss="mse")]


def test_in_a_table_they_are_found() -> None:
    assert "K172" in codes(kmagic.Sequential([Input((9,)), Dense(1)]), TOKENS.astype("float32"))


@pytest.mark.parametrize("first", [lambda: Embedding(20, 4), lambda: Masking()])
def test_filled_ends_of_token_numbers_are_none(first: Any) -> None:
    layers = [first(), Flatten(), Dense(1)]
    assert "K172" not in codes(kmagic.Sequential([Input((9,)), *layers]), TOKENS)


def test_filling_rows_up_and_dropping_what_was_filled_do_not_take_turns() -> None:
    model = kmagic.Sequential([Input((9,)), Dense(1)])
    rows = [row[: 4 + number % 3].tolist() for number, row in enumerate(TOKENS)]
    model.preparation = Preparation().added(PadRows(9))
    assert not {"K135", "K172"} & set(codes(model, rows))


def test_many_columns_are_computed_and_not_listed() -> None:
    x = np.concatenate([np.ones((80, 300)), TOKENS[:, :6]], 1)
    model = kmagic.Sequential([Input((306,)), Dense(1)])
    found = kmagic.diagnose(model, x, Y, optimizer="adam", loss="mse")
    (finding,) = [finding for finding in found if finding.code == "K172"]
    code = finding.fixes[0].code
    assert len(code) < 160 and "numpy.flatnonzero((x == x[0]).all(0))" in code
