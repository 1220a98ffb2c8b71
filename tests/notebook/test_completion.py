"""Completion, in the completer of a real shell."""

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import kmagic
from kmagic.notebook.commands import KFIT
from kmagic.notebook.completion import candidates

# what averages predictions alone is no metric to compile with, so the bare `mean` is missing
MEANS = [
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
]


def complete(shell: InteractiveShell, text: str) -> list[str]:
    """What the Tab key offers at the end of `text`, as whole pieces of the line."""
    with provisionalcompleter():
        return [text[: found.start] + found.text for found in shell.Completer.completions(text, len(text))]


def offered(shell: InteractiveShell, text: str) -> list[str]:
    """The last words that Tab would leave in the line."""
    return [line.rpartition(" ")[2] for line in complete(shell, text)]


@pytest.mark.parametrize("jedi", [True, False])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%kfit ", ["m"]),
        ("run = %kfit ", ["m"]),
        ("%kfit m X", ["X"]),
        ("%kfit m X y --epo", ["--epochs"]),
        ("%kfit m X y --epochs 3 --epo", []),
        ("%kcompile m --optimizer rms", ["rmsprop"]),
        ("%kcompile m --optimizer=rms", ["--optimizer=rmsprop"]),
        ("%kcompile m --loss binary_c", ["binary_crossentropy"]),
        ("%kcompile m --loss ms", ["mse", "msle"]),
        ("%kcompile m --metrics accuracy,mean_absolute_e", ["accuracy,mean_absolute_error"]),
        ("%kcompile m --metrics accuracy mean_absolute_e", ["mean_absolute_error"]),
        ("%kcompile m --metrics mean", MEANS),
        ("%kcompile m --optimizer Adamw", []),
        ("%kcompile m --optimizer Adagr", ["Adagrad"]),
        ("%kcompile m --optimizer Adam(learning_rate=CosineDecayR", ["Adam(learning_rate=CosineDecayRestarts"]),
        ("%kcompile m --optimizer SGD(0.1, nes", ["nesterov="]),
        ("%kfit m X y --callbacks Reduce", ["ReduceLROnPlateau"]),
        ("%kfit m X y --callbacks EarlyStopping(restore", ["EarlyStopping(restore_best_weights="]),
        ("%kplan m --after fu", ["fuse"]),
        ("%kplan m --program ", ["evaluate", "predict", "train"]),
        ("%%kmodel other --lo", ["--loss", "--loss-weights"]),
    ],
)
def test_lines(shell: InteractiveShell, compiled: str, text: str, expected: list[str], jedi: bool) -> None:
    shell.Completer.use_jedi = jedi
    assert sorted(offered(shell, text)) == expected


def test_schedules_and_the_users_own_names_are_offered_for_a_learning_rate(
    shell: InteractiveShell, compiled: str
) -> None:
    shell.user_ns["my_rate"] = 0.1
    found = complete(shell, "%kcompile m --optimizer Adam(learning_rate=")
    schedules = {entry.target.__name__ for entry in kmagic.optimizers.schedules.registry.entries()}
    assert {line.rpartition("=")[2] for line in found} >= {*schedules, "my_rate"}
    assert len(schedules) > 5


def test_options_when_all_arguments_stand(shell: InteractiveShell, compiled: str) -> None:
    assert set(offered(shell, "%kfit m X y ")) == {*KFIT.by_word, "--help"}


def test_data_is_offered_for_data(shell: InteractiveShell, compiled: str) -> None:
    shell.user_ns["number"] = 3
    found = offered(shell, "%kfit m ")
    assert {"X", "y"} <= set(found)
    assert not {"number", "m", "In", "Out"} & set(found)


def test_python_goes_on_inside_expressions(shell: InteractiveShell, compiled: str) -> None:
    # without Jedi, IPython itself completes no attributes on lines of magics
    shell.Completer.use_jedi = True
    assert any(line.endswith("X.shape") for line in complete(shell, "%kfit m X.sha"))
    assert any(line.endswith("X.shape") for line in complete(shell, "%kfit m f(X.sha"))


def test_metrics_of_plain_values_are_not_offered(shell: InteractiveShell, compiled: str) -> None:
    found = candidates("%kcompile m --metrics ", shell.user_ns)
    assert found is not None
    assert {"accuracy", "mean_squared_error"} <= set(found[1])
    assert not {"mean", "sum"} & set(found[1])


def test_layers_in_the_body_of_a_cell(shell: InteractiveShell) -> None:
    assert any(line.endswith("Dense") for line in complete(shell, "%%kmodel m\nDen"))


def test_ordinary_cells_are_left_alone(shell: InteractiveShell, compiled: str) -> None:
    assert not set(KFIT.by_word) & set(offered(shell, "x = y --"))
    assert not any(line.endswith("Dense") for line in complete(shell, "Den"))


def test_lines_that_cannot_be_read_complete_nothing_wrong(shell: InteractiveShell, compiled: str) -> None:
    assert all("rmsprop" not in line for line in complete(shell, "%kcompile m ) --optimizer rms"))
