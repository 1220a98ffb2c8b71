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

from kmagic.layers import Dense
from kmagic.models import Sequential
from kmagic.notebook.panels.compile import CompilePanel, as_text, grouped


@pytest.fixture
def model() -> Any:
    return Sequential([Dense(4, activation="relu", input_dim=8), Dense(1, activation="sigmoid")], name="m")


@pytest.fixture
def panel(model: Any, bare_shell: InteractiveShell) -> Iterator[CompilePanel]:
    yield CompilePanel(model, "m")


def words(widget: Any) -> str:
    """What an HTML widget says."""
    return html.unescape(re.sub(r"<br>|<pre>", "\n", re.sub(r"</\w+>|<(?!br|pre)[^>]*>", "", widget.value)))


def test_it_opens_with_a_suggestion_that_suits_and_says_why(panel: CompilePanel) -> None:
    assert panel.choice() == {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
    assert "probability (sigmoid)" in panel.reason
    assert not panel.button.disabled


def test_lists_come_from_the_registries(panel: CompilePanel) -> None:
    from kmagic.losses import registry as losses
    from kmagic.optimizers import registry as optimizers

    # those that are made of other optimizers cannot be chosen by name
    assert set(optimizers.names()) - set(panel.optimizer.options) == {"lossscaleoptimizer", "multioptimizer"}
    assert set(panel.optimizer.options) < set(optimizers.names())
    assert set(losses.names()) <= set(panel.loss.options)
    assert [option for option in grouped(losses.entries()) if not option.startswith("──")] != []
    assert "accuracy" in panel.metrics.options
    assert not {"mean", "sum"} & set(panel.metrics.options)


def test_headings_choose_nothing(panel: CompilePanel) -> None:
    heading = next(option for option in panel.loss.options if option.startswith("──"))
    panel.loss.value = heading
    assert panel.loss.value == "binary_crossentropy"
    assert panel.choice()["loss"] == "binary_crossentropy"


def test_an_unfitting_loss_is_refused_with_the_reason(panel: CompilePanel, model: Any) -> None:
    panel.loss.value = "sparse_categorical_crossentropy"
    assert panel.button.disabled
    assert "✖ error: " in words(panel.findings)
    panel.compile()
    assert model.recipe is None
    assert "not compiled" in words(panel.status)
    panel.loss.value = "mean_squared_error"
    assert not panel.button.disabled


def test_code_and_line_follow_each_change(panel: CompilePanel) -> None:
    panel.optimizer.value = "sgd"
    panel.loss.value = "mean_squared_error"
    panel.metrics.value = ["accuracy", "mean_absolute_error"]
    panel.forms["optimizer"].fields["learning_rate"].widget.value = 0.1
    python, magic = words(panel.code).strip().split("\n")
    assert python.startswith("m.compile(optimizer=SGD(learning_rate=0.1")
    assert magic.startswith("%kcompile m --optimizer")
    assert all(name in magic for name in ("SGD", "0.1", "mean_squared_error", "accuracy", "mean_absolute_error"))


def test_compile_compiles(panel: CompilePanel, model: Any) -> None:
    panel.optimizer.value = "sgd"
    panel.forms["optimizer"].fields["learning_rate"].widget.value = 0.1
    panel.button.click()
    assert type(model.optimizer).__name__ == "SGD"
    assert float(np.asarray(model.optimizer.learning_rate)) == pytest.approx(0.1)
    assert words(panel.status) == "✔ compiled"


def test_a_choice_is_kept_as_text(panel: CompilePanel) -> None:
    with capture_output() as shown:
        panel.show()
        panel.button.click()
    texts = [output.data["text/plain"] for output in shown.outputs]
    assert texts[1] == "m: choose, then press Compile"
    assert texts[-1].startswith("✔ m is compiled\nm.compile(optimizer=")


def test_a_compiled_model_opens_as_it_is(model: Any, bare_shell: InteractiveShell) -> None:
    from kmagic.optimizers import SGD

    model.compile(optimizer=SGD(learning_rate=0.5), loss="mse", metrics=["mae"])
    panel = CompilePanel(model, "m")
    assert (panel.optimizer.value, panel.loss.value) == ("sgd", "mean_squared_error")
    assert panel.forms["optimizer"].fields["learning_rate"].widget.value == pytest.approx(0.5)


def test_a_recipe_with_parts_of_the_users_own_opens_with_the_suggestion(
    model: Any, bare_shell: InteractiveShell
) -> None:
    model.compile(optimizer="sgd", loss=lambda y, p: (y - p) ** 2)
    panel = CompilePanel(model, "m")
    assert panel.loss.value == "binary_crossentropy"
    assert "of your own" in panel.reason


def test_a_schedule_is_not_lost_in_a_form_that_cannot_show_it(model: Any, bare_shell: InteractiveShell) -> None:
    from kmagic.optimizers import SGD, LossScaleOptimizer
    from kmagic.optimizers.schedules import ExponentialDecay

    for optimizer in (SGD(ExponentialDecay(0.1, 10, 0.5)), LossScaleOptimizer(SGD(0.1))):
        model.compile(optimizer=optimizer, loss="binary_crossentropy")
        assert "a schedule, which the panel cannot show" in CompilePanel(model, "m").reason


def test_a_field_that_cannot_be_read_is_named(panel: CompilePanel) -> None:
    panel.optimizer.value = "sgd"
    panel.forms["optimizer"].fields["clipnorm"].widget.value = "much"
    assert panel.button.disabled
    assert "clipnorm is 'much'" in words(panel.findings)


def test_a_panel_of_a_model_that_was_replaced_compiles_nothing(model: Any, bare_shell: InteractiveShell) -> None:
    panel = CompilePanel(model, "m", is_current=lambda: False)
    panel.button.click()
    assert model.recipe is None
    assert "m was defined anew since" in words(panel.status)


def test_two_panels_do_not_disturb_each_other(model: Any, panel: CompilePanel, bare_shell: InteractiveShell) -> None:
    other = CompilePanel(Sequential([Dense(1, input_dim=3)]), "other")
    other.optimizer.value = "sgd"
    assert panel.optimizer.value == "adam"
    assert not set(map(id, descendants(panel.box))) & set(map(id, descendants(other.box)))


def descendants(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from descendants(child)


def test_all_that_is_edited_has_a_label(panel: CompilePanel) -> None:
    edited = (ipywidgets.Dropdown, ipywidgets.SelectMultiple, ipywidgets.Text, ipywidgets.FloatLogSlider)
    assert all(widget.description for widget in descendants(panel.box) if isinstance(widget, edited))


def test_names_are_escaped(model: Any, bare_shell: InteractiveShell) -> None:
    panel = CompilePanel(model, "<img src=x>")
    assert all("<img" not in widget.value for widget in descendants(panel.box) if isinstance(widget, ipywidgets.HTML))


def test_as_text(model: Any) -> None:
    text = as_text(model, "m")
    assert "%kcompile m --optimizer adam --loss binary_crossentropy --metrics accuracy" in text
    assert "m.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])" in text
