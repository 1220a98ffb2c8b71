"""The compile panel without a browser: widgets changed as a user changes them."""

import html
import re
from collections.abc import Iterator
from typing import Any

import ipywidgets
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from kmagic.layers import Dense, Input
from kmagic.losses import BinaryCrossentropy
from kmagic.models import Model, Sequential
from kmagic.models.diagnosis.facts import facts
from kmagic.notebook.panels.compile import CompilePanel, as_text
from tests.models.diagnosis import example

example.load()
GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(120, 8)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")


@pytest.fixture
def model() -> Any:
    return Sequential([Dense(4, activation="relu", input_dim=8), Dense(1, activation="sigmoid")], name="m")


@pytest.fixture
def panel(model: Any, bare_shell: InteractiveShell) -> Iterator[CompilePanel]:
    yield CompilePanel(model, "m", (X, Y))


@pytest.fixture
def two(bare_shell: InteractiveShell) -> CompilePanel:
    """A panel for a model with two outputs."""
    inputs = Input((8,))
    outputs = [Dense(3, "softmax", name="kind")(inputs), Dense(1, name="price")(inputs)]
    y = [GENERATOR.integers(0, 3, 120), X[:, :1] * 2]
    return CompilePanel(Model(inputs, outputs), "two", (X, y))


def words(widget: Any) -> str:
    """What a widget of HTML, or all below a box, says."""
    parts = [inner.value for inner in descendants(widget) if isinstance(inner, ipywidgets.HTML)]
    shown = re.sub(r"</?b>|<style>.*?</style>", "", " ".join(parts), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", shown)).split())


def descendants(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from descendants(child)


def choose_loss(panel: CompilePanel, name: str, output: int = 0) -> None:
    panel.outputs[output].loss.list.value = name


def test_it_opens_with_a_suggestion_that_suits_and_says_why(panel: CompilePanel) -> None:
    assert panel.code.texts[0] == "m.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])"
    assert "suggested because the targets are 0 and 1, and the output is a probability (sigmoid)" in words(panel.title)
    assert "✔ nothing speaks against this choice" in words(panel.findings.box)
    assert not panel.button.disabled


def test_a_wrong_loss_is_found_mended_and_undone(panel: CompilePanel, model: Any) -> None:
    choose_loss(panel, "sparse_categorical_crossentropy")
    assert panel.button.disabled
    assert "✖ error K104" in words(panel.findings.box)
    fix = panel.findings.buttons[0]
    assert fix.description == "1 unit with sigmoid for 2 classes"
    assert "m.compile(" in fix.tooltip
    fix.click()
    assert panel.recipe().loss == "binary_crossentropy"
    assert panel.outputs[0].loss.list.value == "binary_crossentropy"
    assert not panel.button.disabled
    assert "1 unit with sigmoid for 2 classes: done" in words(panel.status)
    panel.undo_button.click()
    assert panel.recipe().loss == "sparse_categorical_crossentropy"
    assert panel.button.disabled and panel.undo_button.layout.display == "none"


def test_a_fix_of_the_model_can_be_undone(bare_shell: InteractiveShell) -> None:
    model = Sequential([Dense(4, "relu", input_dim=8), Dense(1, "softmax")], name="m")
    before = [weight.numpy() for weight in model.weights]
    panel = CompilePanel(model, "m", (X, Y))
    assert "K103" in words(panel.findings.box)
    panel.findings.buttons[0].click()
    assert model.layers[-1].activation.__name__ == "sigmoid"
    assert "sigmoid" in panel.outputs[0].title
    panel.undo()
    assert model.layers[-1].activation.__name__ == "softmax"
    assert [np.array_equal(a, b.numpy()) for a, b in zip(before, model.weights, strict=True)] == [True] * 4


def test_a_fix_that_fails_changes_nothing(panel: CompilePanel, model: Any) -> None:
    from kmagic.models.diagnosis import Fix

    def broken(case: Any) -> Any:
        model.layers[-1].units = 9
        raise RuntimeError("half way")

    panel.apply(Fix("Break it", "", broken, panel.case))
    assert model.layers[-1].units == 1
    assert "Break it: RuntimeError: half way" in words(panel.status)
    assert not panel.undoable


def test_what_cannot_fit_stands_behind_with_the_reason(panel: CompilePanel) -> None:
    labels = [label for label, _ in panel.outputs[0].loss.list.options]
    behind = labels[labels.index("── does not fit ──") :]
    assert any(label.startswith("✖ sparse_categorical_crossentropy — ") for label in behind)
    assert "binary_crossentropy" in labels and "binary_crossentropy" not in behind
    assert "option:nth-child(" in panel.style.value and panel.identity in panel.style.value


def test_code_follows_each_change(panel: CompilePanel) -> None:
    panel.optimizer.parts.list.value = "sgd"
    choose_loss(panel, "mean_squared_error")
    panel.outputs[0].metrics.add("mean_absolute_error")
    panel.optimizer.rate.number.show(0.1)
    python, magic = panel.code.texts
    assert "optimizer=kmagic.optimizers.SGD(learning_rate=0.1)" in python
    assert magic.startswith("%kcompile m --optimizer SGD(learning_rate=0.1) --loss mean_squared_error")
    assert magic.endswith("--metrics accuracy mean_absolute_error")


def test_compile_compiles(panel: CompilePanel, model: Any) -> None:
    panel.optimizer.parts.list.value = "sgd"
    panel.optimizer.rate.number.show(0.1)
    panel.button.click()
    assert type(model.optimizer).__name__ == "SGD"
    assert float(np.asarray(model.optimizer.learning_rate)) == pytest.approx(0.1)
    assert words(panel.status) == "✔ m is compiled"


def test_an_error_is_not_compiled(panel: CompilePanel, model: Any) -> None:
    choose_loss(panel, "sparse_categorical_crossentropy")
    panel.compile()
    assert model.recipe is None
    assert "not compiled" in words(panel.status)


def test_a_field_that_cannot_be_read_is_named(panel: CompilePanel) -> None:
    form = panel.optimizer.parts.form
    assert form is not None
    form.fields["clipnorm"].inputs[0].value = "much"
    assert panel.button.disabled
    assert "clipnorm is 'much'" in words(panel.findings.box)
    form.fields["clipnorm"].inputs[0].value = "1.5"
    assert "clipnorm=1.5" in panel.code.texts[0] and not panel.button.disabled


def test_compiling_again_keeps_what_was_learned_where_asked(panel: CompilePanel, model: Any) -> None:
    panel.compile()
    model.fit(X, Y, verbose=0)
    steps = int(model.optimizer.iterations)
    reopened = CompilePanel(model, "m", (X, Y))
    assert reopened.reason == "as it is compiled now"
    assert "optimizer moments lost" in words(reopened.outlook.box)
    reopened.outlook.keep.value = True
    assert "optimizer moments kept" in words(reopened.outlook.box)
    reopened.button.click()
    assert int(model.optimizer.iterations) == steps
    reopened.outlook.keep.value = False
    reopened.button.click()
    assert int(model.optimizer.iterations) == 0


def test_what_was_lost_is_not_told_of_any_more(panel: CompilePanel, model: Any) -> None:
    panel.compile()
    model.fit(X, Y, verbose=0)
    reopened = CompilePanel(model, "m", (X, Y))
    reopened.optimizer.parts.list.value = "sgd"
    reopened.check()
    assert "K128" in [finding.code for finding in reopened.found]
    reopened.button.click()
    assert "K128" not in [finding.code for finding in reopened.found]
    assert words(reopened.status) == "✔ m is compiled"


def test_a_compiled_model_opens_as_it_is(model: Any, bare_shell: InteractiveShell) -> None:
    from kmagic.optimizers import SGD
    from kmagic.optimizers.schedules import ExponentialDecay

    model.compile(SGD(ExponentialDecay(0.1, 10, 0.5), momentum=0.9), BinaryCrossentropy(label_smoothing=0.1),
                  metrics=["acc"], run_eagerly=True)  # fmt: skip
    panel = CompilePanel(model, "m")
    assert panel.optimizer.rate.kind.value == "exponential_decay"
    python, _ = panel.code.texts
    assert "ExponentialDecay(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5), momentum=0.9)" in python
    assert "loss=kmagic.losses.BinaryCrossentropy(label_smoothing=0.1)" in python
    assert "metrics=['acc']" in python and "run_eagerly=True" in python


def test_parts_of_the_users_own_are_kept(model: Any, bare_shell: InteractiveShell) -> None:
    from kmagic.optimizers import SGD, LossScaleOptimizer

    def watched(y: Any, p: Any) -> Any:
        return (y - p) ** 2

    optimizer = LossScaleOptimizer(SGD(0.1))
    model.compile(optimizer=optimizer, loss=watched)
    panel = CompilePanel(model, "m")
    assert panel.recipe().loss is watched and panel.recipe().optimizer is optimizer
    assert panel.outputs[0].loss.list.label == "watched (your own)"
    assert panel.optimizer.rate.box.layout.display == "none"
    panel.button.click()
    assert model.loss is watched


def test_several_outputs_have_losses_weights_and_metrics_of_their_own(two: CompilePanel) -> None:
    assert [output.title for output in two.outputs] == [
        "Output kind · 3 units, softmax",
        "Output price · 1 unit, linear",
    ]
    two.outputs[1].weight.value = 0.1
    two.outputs[1].metrics.add("root_mean_squared_error")
    two.button.click()
    recipe = two.model.recipe
    assert recipe.loss == {"kind": "sparse_categorical_crossentropy", "price": "mean_squared_error"}
    assert recipe.loss_weights == {"kind": 1.0, "price": 0.1}
    assert recipe.metrics == {"kind": ["accuracy"], "price": ["mean_absolute_error", "root_mean_squared_error"]}
    choose_loss(two, "binary_crossentropy", 1)
    assert "output 'price'" in words(two.findings.box)
    reopened = CompilePanel(two.model, "two", (two.case.x, two.case.y))
    assert reopened.recipe() == recipe


def test_a_panel_of_a_model_that_was_replaced_compiles_nothing(model: Any, bare_shell: InteractiveShell) -> None:
    current = [True]
    panel = CompilePanel(model, "m", is_current=lambda: current[0])
    current[0] = False
    panel.button.click()
    assert model.recipe is None and panel.button.disabled
    assert "m was defined anew since this panel was opened; %kcompile m" in words(panel.findings.box)


def test_two_panels_do_not_disturb_each_other(model: Any, panel: CompilePanel, bare_shell: InteractiveShell) -> None:
    other = CompilePanel(Sequential([Dense(1, input_dim=3)]), "other")
    other.optimizer.parts.list.value = "sgd"
    assert panel.optimizer.parts.list.value == "adam"
    assert not set(map(id, descendants(panel.box))) & set(map(id, descendants(other.box)))
    assert panel.identity != other.identity


def test_all_that_is_edited_has_a_label(panel: CompilePanel) -> None:
    edited = (ipywidgets.Dropdown, ipywidgets.Text, ipywidgets.FloatLogSlider, ipywidgets.Textarea, ipywidgets.Button)
    unlabelled = [w for w in descendants(panel.box) if isinstance(w, edited) and not (w.description or w.tooltip)]
    assert unlabelled == [button for button in unlabelled if button.layout.display == "none"]


def test_names_are_escaped(model: Any, bare_shell: InteractiveShell) -> None:
    panel = CompilePanel(model, "<img src=x>")
    assert all("<img" not in widget.value for widget in descendants(panel.box) if isinstance(widget, ipywidgets.HTML))
    with capture_output() as shown:
        panel.show()
    assert "<img" not in shown.outputs[1].data["text/html"]


def test_the_first_batch_is_measured_and_nothing_trained(panel: CompilePanel, model: Any) -> None:
    before = [weight.numpy() for weight in model.weights]
    panel.preview.button.click()
    assert "One batch of 32 rows: loss" in words(panel.preview.box)
    assert all(np.array_equal(a, b.numpy()) for a, b in zip(before, model.weights, strict=True))
    choose_loss(panel, "mean_squared_error")
    assert panel.preview.table.value == ""


def test_an_estimate_stands_beside_compile(panel: CompilePanel) -> None:
    assert re.search(r"41 parameters · .*B of memory · .*FLOP a step · .* an epoch \(expected\)", words(panel.box))


def test_a_record_is_kept(panel: CompilePanel) -> None:
    with capture_output() as shown:
        panel.show()
        choose_loss(panel, "sparse_categorical_crossentropy")
        wrong = shown.outputs[-1].data
        choose_loss(panel, "binary_crossentropy")
        panel.button.click()
    first, last = shown.outputs[1].data, shown.outputs[-1].data
    assert shown.outputs[0].data["text/plain"] == "compile panel of m"
    assert first["text/plain"].startswith("Recipe of m, not compiled yet: suggested because")
    assert "changed; when opened: suggested because" in wrong["text/plain"]
    assert "✖ error K104" in wrong["text/plain"] and "✖ error K104" in wrong["text/html"]
    assert last["text/plain"].startswith("✔ m is compiled")
    assert "%kcompile m --optimizer adam" in last["text/plain"] and "%kcompile m --optimizer adam" in last["text/html"]


def test_a_change_looks_at_no_array_again(
    model: Any, bare_shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of data is kept; how long a change takes is measured by `tests/bench/diagnosis.py`."""
    gathered: list[str] = []
    gather = facts.gather
    monkeypatch.setattr(facts, "gather", lambda array, name: gathered.append(name) or gather(array, name))
    panel = CompilePanel(model, "m", (X, Y))
    assert sorted(gathered) == ["x", "y"]
    for name in ("mean_squared_error", "hinge", "binary_crossentropy", "dice", "huber"):
        panel.outputs[0].loss.list.value = name
    assert sorted(gathered) == ["x", "y"]


def test_as_text(model: Any) -> None:
    text = as_text(model, "m", (X, Y + 5))
    assert "%kcompile m --optimizer adam --loss binary_crossentropy" in text
    assert "m.compile(optimizer='adam', loss='binary_crossentropy'" in text
    assert "✖ error K112: targets are 5 … 6" in text


@pytest.mark.parametrize("title", sorted(example.WRONG)[::15] + sorted(example.CORRECT)[::15])
def test_it_opens_for_every_case_and_takes_every_loss(title: str, bare_shell: InteractiveShell) -> None:
    case = {**example.WRONG, **example.CORRECT}[title].make()
    panel = CompilePanel(case.model, "m", (case.x, case.y))
    for output in panel.outputs:
        for entry in output.loss.entries:
            output.loss.list.value = entry.name
    assert as_text(case.model, "m", (case.x, case.y))
