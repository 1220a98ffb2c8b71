"""Metrics: the chosen ones stand in a row and can be taken away, others are found by typing.

The found ones are a fixed number of buttons, so that typing makes no new widgets. What suits comes first; of what does
not, the reason stands beside the name.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from kmagic import metrics
from kmagic.base.registry import Entry
from kmagic.models.recipe import ACCURACY, CROSSENTROPY, written
from kmagic.notebook.panels.compile.part_list import choosable, explained
from kmagic.notebook.panels.fields import LABEL, layout
from kmagic.notebook.panels.form import Form

FOUND, OFFERED = 8, 4  # how many a text finds, and how many are offered without one
WORDS = {
    ACCURACY[0]: "The share of right answers, in the form that suits targets and output.",
    CROSSENTROPY[0]: "The crossentropy in the form that suits targets and output.",
}
# First values for what some metrics need and have no default for.
STARTS = {"recall": 0.5, "precision": 0.5, "specificity": 0.5, "sensitivity": 0.5, "target_class_ids": [1]}

Suit = Callable[[Sequence[str]], Mapping[str, str]]


class MetricList:
    """The metrics of one output; `changed` is called when they change.

    `unfit(names)` gives the reasons of those that do not suit; it is asked for those that are shown only. `classes` is
    how many classes the output tells apart, `tags` are those of the loss: metrics that share them come first.
    """

    def __init__(
        self, changed: Callable[[], object], unfit: Suit = lambda names: {}, classes: int | None = None
    ) -> None:
        self.changed = changed
        self.unfit = unfit
        self.start = STARTS | ({"num_classes": classes} if classes else {"num_classes": 2})
        self.entries = {entry.name: entry for entry in choosable(metrics.registry)}
        self.tags: frozenset[str] = frozenset()
        self.chips: list[Chip] = []
        self._opened: Chip | None = None
        self.find = widgets.Text(
            placeholder=f"type to search {len(self.names)} metrics", description="Add metric",
            tooltip="A name, a part of it, or a word of what it measures", layout=layout(), style=LABEL,
        )  # fmt: skip
        self.find.observe(lambda change: self.search(), "value")
        self.found = [self._finder() for _ in range(FOUND)]
        self.matches = widgets.VBox(self.found)
        self.matches.add_class("kmagic-found")
        self.row = widgets.HBox([], layout=widgets.Layout(flex_flow="row wrap"))
        self.row.add_class("kmagic-chips")
        self.row_label = widgets.HTML('<span class="kmagic-label">Metrics</span>')
        self.details = widgets.VBox([])
        self.details.add_class("kmagic-disclosed")
        shown = widgets.HBox([self.row_label, self.row])
        self.box = widgets.VBox([shown, self.details, self.find, self.matches])
        self.search()

    @property
    def names(self) -> list[str]:
        """All that can be chosen, the short words of `compile` among them."""
        return list(dict.fromkeys([*WORDS, *sorted(self.entries)]))

    # ---- what is chosen ----

    def choices(self) -> list[Any]:
        """What `compile` gets; BadValue where a field cannot be read."""
        return [chip.choice() for chip in self.chips]

    def show(self, choices: Sequence[Any]) -> None:
        """Choose what a recipe names."""
        for chip in self.chips:
            chip.close()
        self.chips = [self._chip(choice) for choice in choices]
        self._follow()

    def add(self, name: str) -> None:
        """Choose one more."""
        self.chips.append(self._chip(name))
        self.find.value = ""
        self._follow()
        if self.chips[-1].form is not None and self.chips[-1].needs:
            self.open(self.chips[-1])
        self.changed()

    def remove(self, chip: Chip) -> None:
        """Take one away."""
        self.chips.remove(chip)
        self._opened = None if self._opened is chip else self._opened
        self._follow()
        self.changed()
        chip.close()

    def open(self, chip: Chip) -> None:
        """Show the options of a chosen one, or hide them again."""
        self._opened = None if self._opened is chip else chip
        self._follow()

    def _chip(self, choice: Any) -> Chip:
        return Chip(choice, self._entry_of(choice), self.start, self._edited, self.open, self.remove)

    def _entry_of(self, choice: Any) -> Entry | None:
        if isinstance(choice, str):
            if choice.lower() in ACCURACY + CROSSENTROPY or not metrics.registry.has(choice):
                return None
            return self.entries.get(metrics.registry.find(choice).name)
        entry = metrics.registry.entry_of(choice)
        return self.entries.get(entry.name) if entry else None

    def _edited(self) -> None:
        for chip in self.chips:
            chip.entitle()
        self.changed()

    def _follow(self) -> None:
        self.row.children = [chip.box for chip in self.chips] or [_nothing()]
        opened = self._opened if self._opened in self.chips else None
        self.details.children = opened.details() if opened else []
        self.details.layout.display = "" if opened else "none"
        self.search()

    # ---- searching ----

    def search(self) -> None:
        """Show what the text finds; without a text some that suit best."""
        names = self.matching(self.find.value)
        reasons = self.unfit(names)
        if self.find.value.strip():
            names = sorted(names, key=lambda name: name in reasons)
        else:
            names = [name for name in names if name not in reasons][:OFFERED]
        for button, name in zip(self.found, [*names, *[""] * FOUND], strict=False):
            self._label(button, name, reasons.get(name, ""))

    def _label(self, button: Any, name: str, reason: str) -> None:
        """Have a button stand for a metric, or for none."""
        button.name = name
        button.layout.display = "" if name else "none"
        if name:
            button.description = f"{name} — {reason.removeprefix(f'{name} ')}" if reason else name
            button.icon = "times" if reason else "plus"
            button.tooltip = f"Add {name}: {reason or self.summary(name)}"
            (button.add_class if reason else button.remove_class)("kmagic-unfit")

    def matching(self, text: str) -> list[str]:
        """The names that a text finds, the best first; at most as many as there are buttons."""
        chosen = {chip.name for chip in self.chips}
        left = [name for name in self.names if name not in chosen]
        wanted = text.strip().lower().replace(" ", "_")
        if not wanted:
            return sorted(left, key=lambda name: -self._shared_tags(name))[: 2 * OFFERED]
        ranked = sorted((rank, name) for name in left if (rank := self._rank(name, wanted)) is not None)
        return [name for _, name in ranked][:FOUND] or difflib.get_close_matches(wanted, left, FOUND, 0.5)

    def _rank(self, name: str, wanted: str) -> int | None:
        """How well a metric answers a text; None where it does not."""
        entry = self.entries.get(name)
        spellings = [name, *(alias.lower() for alias in entry.aliases)] if entry else [name]
        if wanted in spellings:
            return 0
        if any(spelling.startswith(wanted) for spelling in spellings):
            return 1
        if any(wanted in spelling for spelling in spellings):
            return 2
        return 3 if wanted.replace("_", " ") in self.summary(name).lower() else None

    def _shared_tags(self, name: str) -> int:
        """How near a metric is to the loss; the short words of `compile` suit every one but those of numbers."""
        if name in WORDS:
            return 0 if "regression" in self.tags else len(self.tags)
        return len(self.tags & set(self.entries[name].tags))

    def summary(self, name: str) -> str:
        """What a metric measures, in a sentence."""
        return WORDS[name] if name in WORDS else self.entries[name].summary

    def _finder(self) -> Any:
        button = widgets.Button(layout=widgets.Layout(width="100%"))
        button.name = ""
        button.on_click(lambda pressed: self.add(pressed.name))
        return button


class Chip:
    """One chosen metric: its name, which opens its options, and a cross."""

    def __init__(
        self,
        choice: Any,
        entry: Entry | None,
        start: Mapping[str, Any],
        changed: Callable[[], None],
        opened: Callable[[Chip], None],
        removed: Callable[[Chip], None],
    ) -> None:
        self.given, self.entry = choice, entry
        self.form: Form | None = None
        if entry is not None:
            self.form = Form(entry, changed, getattr(choice, "arguments", {}), start)
        self.label = widgets.Button(layout=widgets.Layout(width="auto"))
        self.label.on_click(lambda button: opened(self))
        self.cross = widgets.Button(icon="times", layout=widgets.Layout(width="auto"))
        self.cross.on_click(lambda button: removed(self))
        self.box = widgets.HBox([self.label, self.cross])
        self.box.add_class("kmagic-chip")
        self.entitle()

    @property
    def name(self) -> str:
        """What it is called: as the user spells it, else as the registry does."""
        if isinstance(self.given, str):
            return self.given
        return self.entry.name if self.entry else written(self.given)

    @property
    def needs(self) -> bool:
        """Whether it has a parameter without default."""
        return self.entry is not None and any(parameter.required for parameter in self.entry.parameters)

    def choice(self) -> Any:
        """What `compile` gets for it."""
        if self.form is None or self.entry is None:
            return self.given
        if isinstance(self.given, str):
            part = self.form.part()
            return self.given if isinstance(part, str) else part
        # by name `Accuracy()` would be the word 'accuracy', which takes another form
        return self.entry.target(**self.form.changes())

    def entitle(self) -> None:
        """Say what it is and what its buttons do."""
        self.label.description = self.name
        what = self.entry.summary if self.entry else WORDS.get(self.name, "a metric of your own")
        self.label.tooltip = f"{self.name}: {what}" + (" Opens its options." if self.entry else "")
        self.cross.tooltip = f"Remove {self.name}"

    def details(self) -> list[Any]:
        """Formula and fields."""
        if self.entry is None or self.form is None:
            return [widgets.HTML(f'<span class="kmagic-small">{WORDS.get(self.name, "a metric of your own")}</span>')]
        return [widgets.HTMLMath(explained(self.entry)), *(field.widget for field in self.form.fields.values())]

    def close(self) -> None:
        """Give the widgets back."""
        fields = [field.widget for field in self.form.fields.values()] if self.form else []
        for widget in (self.label, self.cross, self.box, *fields):
            widget.close()


def _nothing() -> Any:
    return widgets.HTML('<span class="kmagic-small">none yet: only the loss is watched</span>')
