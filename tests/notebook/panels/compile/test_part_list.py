"""Lists of parts with their forms."""

import pytest

from kmagic import losses, metrics, optimizers
from kmagic.notebook.panels.compile.part_list import PartList, choosable, explained, grouped


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def parts(told: list[int]) -> PartList:
    return PartList("Loss", losses.registry, lambda: told.append(1))


def test_lists_come_from_the_registries() -> None:
    names = {entry.name for entry in choosable(losses.registry)}
    assert names == set(losses.registry.names())
    # those that are made of other optimizers cannot be made by a form
    chosen = {entry.name for entry in choosable(optimizers.registry)}
    assert set(optimizers.registry.names()) - chosen == {"lossscaleoptimizer", "multioptimizer"}
    assert not {"mean", "sum"} & {entry.name for entry in choosable(metrics.registry)}
    assert "precision_at_recall" in {entry.name for entry in choosable(metrics.registry)}


def test_names_stand_under_their_first_tag_and_unfit_ones_behind() -> None:
    entries = [losses.registry.find(name) for name in ("hinge", "huber", "poisson")]
    rows = grouped(entries, {"huber": "no"})
    assert [label for label, _ in rows] == [
        "── binary ──", "hinge", "── regression ──", "poisson", "── does not fit ──", "✖ huber — no",
    ]  # fmt: skip
    assert rows[-1][1] == "huber"


def test_optimizers_stand_under_headings_too() -> None:
    labels = [label for label, _ in grouped(choosable(optimizers.registry), {})]
    headings = [label for label in labels if label.startswith("──")]
    assert headings == ["── adaptive steps ──", "── momentum ──", "── sparse weights ──"]
    assert labels.index("── momentum ──") < labels.index("sgd") < labels.index("── sparse weights ──")


def test_headings_choose_nothing(parts: PartList, told: list[int]) -> None:
    parts.show("mse")
    parts.list.value = "── binary ──"
    assert parts.list.value == "mean_squared_error" and told == []


def test_a_spelling_is_kept_until_something_changes(parts: PartList) -> None:
    parts.show("mse")
    assert parts.choice() == "mse"
    parts.list.value = "huber"
    assert parts.choice() == "huber"
    assert parts.form is not None
    parts.form.fields["delta"].widget.value = 2.0
    assert repr(parts.choice()) == "Huber(delta=2.0)"
    assert parts.options.toggle.description == "Formula and options of huber (1 changed)"
    parts.list.value = "mean_squared_error"
    assert parts.choice() == "mean_squared_error"


def test_a_function_of_the_library_is_known_by_its_name(parts: PartList) -> None:
    parts.show(losses.mean_squared_error)
    assert parts.name == "mean_squared_error"


def test_an_object_keeps_what_no_field_shows(parts: PartList) -> None:
    parts.show(losses.Huber(delta=3.0, reduction="sum", name="mine"))
    made = parts.choice()
    assert (made.delta, made.reduction, made.name) == (3.0, "sum", "mine")


def test_what_only_the_user_has_gets_a_line_of_its_own(parts: PartList) -> None:
    def own(y: object, p: object) -> object:
        return y

    parts.show(own)
    assert parts.list.label == "own (your own)" and parts.choice() is own and parts.form is None
    parts.list.value = "huber"
    parts.list.value = "your own"
    assert parts.choice() is own
    parts.show(None)
    assert parts.choice() is None


def test_marking_keeps_the_choice(parts: PartList, told: list[int]) -> None:
    parts.show("mse")
    parts.mark({"mean_squared_error": "labels are words"})
    assert parts.choice() == "mse" and told == []
    place = [value for _, value in parts.list.options].index("mean_squared_error") + 1
    assert place in parts.grey and 1 in parts.grey
    assert [value for _, value in parts.list.options].index("huber") + 1 not in parts.grey


def test_a_part_is_explained_with_its_formula() -> None:
    text = explained(losses.registry.find("huber"))
    assert r"\frac{e^{2}}{2}" in text and "t: target" in text and "Squared for small errors" in text
