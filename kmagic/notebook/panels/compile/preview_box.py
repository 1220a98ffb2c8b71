"""A button that measures the first batch: loss, gradients and what is saturated, before anything is trained."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from kmagic.base.registry import describe
from kmagic.models.diagnosis import Case
from kmagic.models.diagnosis.preview import preview


class PreviewBox:
    """The button and the table; `case` gives what is to be measured."""

    def __init__(self, case: Callable[[], Case]) -> None:
        self.case = case
        self.button = widgets.Button(
            description="Preview first batch", icon="search", layout=widgets.Layout(width="auto"),
            tooltip="Loss, gradient of each layer and saturated units of one batch; nothing is trained",
        )  # fmt: skip
        self.button.on_click(lambda button: self.measure())
        self.table = widgets.HTML()
        self.box = widgets.VBox([self.table])
        self.box.add_class("kmagic-preview")

    def follow(self, case: Case) -> None:
        """Without data there is nothing to measure; what was measured of another choice goes."""
        self.button.layout.display = "none" if case.x is None else ""
        self.table.value = ""

    def measure(self) -> None:
        """Measure the first batch and show the table."""
        try:
            case = self.case()
            found: Any = preview(case.model, case.x, case.y, batch_size=case.options.batch_size, **case.recipe.chosen())
            self.table.value = found._repr_html_()
        except Exception as error:  # code of the user's own runs here too
            self.table.value = f'<span role="status">✖ {html.escape(describe(error))}</span>'
