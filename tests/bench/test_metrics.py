"""The formulas that metrics are timed against give what the metrics give; nothing here is timed."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from kmagic.metrics import registry

from . import metrics
from .metric_formulas import DATA, FORMULAS

ROWS = 3000


def test_every_metric_is_timed() -> None:
    known = {entry.name for entry in registry.entries() if "sequences" not in entry.tags}
    assert set(FORMULAS) == known


@pytest.mark.parametrize("name", FORMULAS)
def test_formula_metric_and_program_agree(name: str) -> None:
    arrays = DATA[FORMULAS[name].data](ROWS)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        expected = np.asarray(FORMULAS[name].compute(*arrays))
    at_once, program = metrics.at_once(metrics.made(name), arrays), metrics.compiled(name, arrays)()
    # float32 sums in another order; areas by bins that take their other end
    np.testing.assert_allclose(np.asarray(at_once), expected, rtol=2e-4)
    np.testing.assert_allclose(np.asarray(program), np.asarray(at_once), rtol=1e-5)


def test_a_line_marks_what_is_slow() -> None:
    assert "slow" not in metrics.line("mean", (1.0, 1.9, 0.5))
    assert metrics.line("mean", (1.0, 1.9, 2.1)).endswith("<-- slow")


def test_the_table_has_a_line_for_each_metric(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.main(["sum", "auc", "--rows", "1000", "--repeats", "1"])
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.startswith("metric") and first.startswith("sum ") and second.startswith("auc ")
