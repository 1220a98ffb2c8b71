"""Metrics that are found by typing and chosen as chips."""

from collections.abc import Sequence

import pytest

from kmagic import metrics
from kmagic.notebook.panels.compile.metric_list import MetricList


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def chosen(told: list[int]) -> MetricList:
    return MetricList(lambda: told.append(1), classes=4)


def shown(chosen: MetricList) -> list[str]:
    return [button.description for button in chosen.found if button.layout.display != "none"]


@pytest.mark.parametrize(
    ("text", "first"),
    [("prec", "precision"), ("mae", "mean_absolute_error"), ("AUC", "auc"), ("root mean", "root_mean_squared_error"),
     ("acuracy", "accuracy"), ("area", "auc")],
)  # fmt: skip
def test_typing_finds(chosen: MetricList, text: str, first: str) -> None:
    chosen.find.value = text
    assert shown(chosen)[0] == first


def test_nothing_is_found_for_nonsense(chosen: MetricList) -> None:
    chosen.find.value = "zzzzzz"
    assert shown(chosen) == []


def test_a_press_chooses_and_a_cross_removes(chosen: MetricList, told: list[int]) -> None:
    chosen.find.value = "precision"
    chosen.found[0].click()
    assert (chosen.choices(), chosen.find.value, told) == (["precision"], "", [1])
    assert "precision" not in chosen.matching("precision")
    chosen.chips[0].cross.click()
    assert (chosen.choices(), told) == ([], [1, 1])


def test_what_a_metric_needs_has_a_first_value_and_an_open_form(chosen: MetricList) -> None:
    chosen.add("mean_iou")
    assert repr(chosen.choices()[0]) == "MeanIoU(num_classes=4)"
    assert chosen.details.layout.display == ""


@pytest.mark.parametrize("name", sorted(MetricList(lambda: None).entries))
def test_every_metric_can_be_chosen(chosen: MetricList, name: str) -> None:
    chosen.add(name)
    assert isinstance(metrics.resolve(chosen.choices()[0]), metrics.Metric)


def test_options_open_and_change_a_metric(chosen: MetricList, told: list[int]) -> None:
    chosen.show(["auc"])
    chosen.chips[0].label.click()
    assert chosen.details.layout.display == ""
    form = chosen.chips[0].form
    assert form is not None
    form.fields["num_thresholds"].widget.value = 50
    assert repr(chosen.choices()[0]) == "AUC(num_thresholds=50)" and told == [1]
    chosen.chips[0].label.click()
    assert chosen.details.layout.display == "none"


def test_what_was_given_stays(chosen: MetricList) -> None:
    def own(y: object, p: object) -> object:
        return y

    given = ["acc", "mse", metrics.AUC(curve="PR", thresholds=[0.1, 0.5]), own]
    chosen.show(given)
    kept = chosen.choices()
    assert (kept[:2], kept[3]) == (["acc", "mse"], own)
    assert repr(kept[2]) == "AUC(curve='PR', thresholds=[0.1, 0.5])"


def test_an_object_is_not_taken_for_the_word_of_its_name(chosen: MetricList) -> None:
    chosen.show([metrics.Accuracy(), "accuracy"])
    assert isinstance(chosen.choices()[0], metrics.Accuracy) and chosen.choices()[1] == "accuracy"


def test_what_does_not_suit_stands_behind_with_the_reason() -> None:
    asked: list[list[str]] = []

    def unfit(names: Sequence[str]) -> dict[str, str]:
        asked.append(list(names))
        return {"accuracy": "counts exact hits"}

    chosen = MetricList(lambda: None, unfit)
    chosen.find.value = "accuracy"
    assert shown(chosen)[-1] == "accuracy — counts exact hits"
    # only of those that are shown reasons are asked
    assert max(map(len, asked)) <= len(chosen.found)


def test_metrics_that_are_near_to_the_loss_are_offered(chosen: MetricList) -> None:
    chosen.tags = frozenset({"regression"})
    chosen.search()
    assert all("regression" in chosen.entries[name].tags for name in shown(chosen))
