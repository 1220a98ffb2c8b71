"""Findings in magics: what is printed, what stops a line, and fixes that are applied from there."""

import numpy as np
from IPython.core.interactiveshell import InteractiveShell

from tests.notebook.conftest import Run

THREE = "%%kmodel m\nDense(8, activation='relu', input_dim=100)\nDense(3, activation='softmax')"


def three_labels(shell: InteractiveShell) -> None:
    x = shell.user_ns["X"]
    shell.user_ns["labels"] = np.digitize(x[:, 0], [-0.5, 0.5]) + 1


def test_a_mistake_in_the_data_stops_kfit_with_a_fix_in_the_users_names(shell: InteractiveShell, run: Run) -> None:
    three_labels(shell)
    run(THREE)
    run("%kcompile m --optimizer adam --loss sparse_categorical_crossentropy")
    before = shell.user_ns["m"].get_weights()
    done = run("%kfit m X labels --quiet")
    assert "K114: targets are 1 … 3" in done.text and "the output has 3 units: 0 … 2" in done.text
    assert "fix: labels = labels - 1" in done.text and "Traceback" not in done.text
    np.testing.assert_array_equal(shell.user_ns["m"].get_weights()[0], before[0])


def test_a_fix_from_the_line_makes_the_same_line_train(shell: InteractiveShell, run: Run) -> None:
    three_labels(shell)
    run(THREE)
    run("%kcompile m --optimizer adam --loss sparse_categorical_crossentropy")
    fixed = run("%kdiagnose m X labels --fix K114")
    assert "✔ Map 1, 2, 3 to 0 … 2" in fixed.text
    assert "K114" not in repr(fixed.value)
    assert run("%kfit m X labels --epochs 2 --quiet").error is None
    assert set(run("%kpredict m X").value) <= {1, 2, 3}


def test_a_report_has_text_and_html(shell: InteractiveShell, run: Run) -> None:
    three_labels(shell)
    run(THREE)
    run("%kcompile m --optimizer adam --loss sparse_categorical_crossentropy")
    report = run("%kdiagnose m X labels").value
    assert repr(report).startswith("✖ K114 error: targets are 1 … 3")
    assert "<code>labels = labels - 1</code>" in report._repr_html_()
    shell.user_ns["labels"] -= 1
    assert repr(run("%kdiagnose m X labels").value) == "✔ m: nothing found that speaks against it"


def test_force_goes_on(compiled: str, shell: InteractiveShell, run: Run) -> None:
    shell.user_ns["signs"] = shell.user_ns["y"] * 2 - 1
    assert "K1" in run("%kfit m X signs --quiet").text
    forced = run("%kfit m X signs --quiet --force")
    assert forced.error is None and "✖ K1" in forced.text
    assert len(forced.value.history.history["loss"]) == 1


def test_no_fix_where_there_is_none(compiled: str, run: Run) -> None:
    assert "no fix for K114" in run("%kdiagnose m X y --fix K114").text
