"""What is chosen for one output: its loss, the loss's weight, and its metrics."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from kmagic import losses
from kmagic.notebook.panels.compile.metric_list import MetricList, Suit
from kmagic.notebook.panels.compile.part_list import PartList
from kmagic.notebook.panels.fields import LABEL, layout


class OutputChoice:
    """Loss, weight and metrics of an output; `several` says that it is one of many, which have weights."""

    def __init__(
        self, name: str, title: str, several: bool, changed: Callable[[], object], unfit: Suit, classes: int | None
    ) -> None:
        self.name, self.title = name, title
        self.changed = changed
        self.loss = PartList("Loss", losses.registry, self._chosen)
        self.loss.list.add_class(self.style_class)
        self.weight = widgets.FloatText(
            value=1.0, description="Weight", tooltip="What this output's loss counts in the sum",
            layout=layout(), style=LABEL,
        )  # fmt: skip
        self.weight.observe(lambda change: changed(), "value")
        self.metrics = MetricList(changed, unfit, classes)
        heading = widgets.HTML(f'<div class="kmagic-heading">{html.escape(title)}</div>')
        rows = [self.loss.list, *([self.weight] if several else []), self.loss.options.box, self.metrics.box]
        self.box = widgets.VBox([heading, *rows])

    @property
    def style_class(self) -> str:
        """The class of the list of losses, by which its options are made grey."""
        return f"kmagic-loss-{id(self)}"

    def show(self, loss: Any, weight: float | None, metrics: Sequence[Any]) -> None:
        """Choose what a recipe names."""
        self.loss.show(loss)
        self.weight.value = 1.0 if weight is None else float(weight)
        self.metrics.tags = self._tags
        self.metrics.show(metrics)

    def mark(self, unfit: Mapping[str, str]) -> None:
        """Say which losses cannot suit, and why."""
        self.loss.mark(unfit)

    @property
    def _tags(self) -> frozenset[str]:
        return frozenset(self.loss.form.entry.tags) if self.loss.form else frozenset()

    def _chosen(self) -> None:
        if self._tags != self.metrics.tags:
            self.metrics.tags = self._tags
            self.metrics.search()
        self.changed()
