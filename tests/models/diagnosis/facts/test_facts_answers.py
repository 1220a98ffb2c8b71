"""Questions about data that take more than a moment are asked once."""

import numpy as np

from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.models.diagnosis import Case, Gathered, review
from kmagic.models.diagnosis.facts import gather
from kmagic.models.recipe import Recipe

X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")


def test_an_answer_is_kept_for_the_same_arrays_and_question() -> None:
    gathered, asked = Gathered(), []
    first, second = gather(X, "x"), gather(X + 1, "x")
    for question, found in (("a", [first]), ("a", [first]), ("a", [second]), ("b", [first]), ("a", [first, second])):
        gathered.answer(question, found, lambda: asked.append(1))
    assert len(asked) == 4


def test_rows_that_repeat_are_found_again_in_the_next_review() -> None:
    x = np.concatenate([X, X])
    model = Sequential([Dense(1, input_dim=4)])
    gathered = Gathered()
    cases = [Case(model, Recipe("adam", loss), x, x[:, 0] * 2) for loss in ("mse", "mae")]
    found = [[finding.message for finding in review(case, gathered) if finding.code == "K200"] for case in cases]
    assert found[0] == found[1] and "60 of 120 rows" in found[0][0]
