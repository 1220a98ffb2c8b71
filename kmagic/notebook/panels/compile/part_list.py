"""A list to choose one part from, with a form for its parameters.

Names stand under headings, one for each first tag. What cannot suit the model stands behind the others, marked and
with the reason; it can be chosen all the same, because a finding may offer to change the model or the data instead.
A part that the registry cannot show, such as a function of the user's own, has a line of its own and is kept.
"""

from __future__ import annotations

import html
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ipywidgets as widgets

from kmagic.base.errors import UnknownName
from kmagic.base.parts import Part
from kmagic.base.registry import Entry, Registry
from kmagic.models.recipe import written
from kmagic.notebook.panels.disclosure import Disclosure
from kmagic.notebook.panels.fields import LABEL, field_of, layout
from kmagic.notebook.panels.form import Form
from kmagic.notebook.panels.latex import latex_lines

OTHER = "other"
OWN = "your own"
UNFIT = "── does not fit ──"
NOTHING = "── choose ──"

Option = tuple[str, str]


def choosable(registry: Registry) -> list[Entry]:
    """The parts that a form can make: no metric that watches plain values, nothing that needs other parts."""
    return [entry for entry in registry.entries() if "values" not in entry.tags and _has_fields(entry)]


def _has_fields(entry: Entry) -> bool:
    return all(field_of(parameter, entry) is not None for parameter in entry.parameters if parameter.required)


def grouped(entries: Iterable[Entry], unfit: Mapping[str, str]) -> list[Option]:
    """What the list shows and what it stands for: names under headings, and those that do not fit with the reason."""
    groups: dict[str, list[Option]] = {}
    behind: list[Option] = []
    for entry in entries:
        if entry.name in unfit:
            reason = unfit[entry.name].removeprefix(f"{entry.name} ")
            behind.append((f"✖ {entry.name} — {reason}", entry.name))
        else:
            groups.setdefault(entry.tags[0] if entry.tags else OTHER, []).append((entry.name, entry.name))
    rows = [[_heading(f"── {tag} ──"), *options] for tag, options in sorted(groups.items())]
    return [option for row in [*rows, *([[_heading(UNFIT), *behind]] if behind else [])] for option in row]


def _heading(text: str) -> Option:
    return text, text


class PartList:
    """The list of one kind of part; `changed` is called when another part or parameter is chosen.

    `without` are parameters that are shown elsewhere, `start` gives first values where there is no default.
    """

    def __init__(
        self,
        label: str,
        registry: Registry,
        changed: Callable[[], object],
        without: frozenset[str] = frozenset(),
        start: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self.registry, self.without, self.start = registry, without, start
        self.changed = changed
        self.entries = choosable(registry)
        self.unfit: Mapping[str, str] = {}
        self._own: Any = None
        self._spelling: str | None = None
        self._forms: dict[str, Form] = {}
        self._last = NOTHING
        self._is_quiet = False
        self.list = widgets.Dropdown(options=self._options(), description=label, layout=layout(), style=LABEL)
        self.list.observe(self._chosen, "value")
        self.explanation = widgets.HTMLMath()
        self.options = Disclosure("Options", [])

    # ---- what is chosen ----

    @property
    def name(self) -> str | None:
        """The name of the chosen part; None for one of the user's own, and where nothing is chosen."""
        return self.list.value if self.list.value in self._names else None

    @property
    def form(self) -> Form | None:
        """The form of the chosen part."""
        return self._form(self.name) if self.name else None

    def choice(self, **further: Any) -> Any:
        """What `compile` gets: a name, a part with changed parameters, or what the user gave; None for nothing."""
        if self.list.value == OWN:
            return self._own
        if self.form is None:
            return None
        part = self.form.part(**further)
        return self._spelling if isinstance(part, str) and self._spelling else part

    def show(self, choice: Any) -> None:
        """Choose what a recipe names."""
        entry = self._entry_of(choice)
        self._spelling = choice if isinstance(choice, str) else None
        self._own = choice if entry is None else None
        self._is_quiet = True
        try:
            self.list.options = self._options()
            self.list.value = entry.name if entry else NOTHING if choice is None else OWN
            if entry is not None:
                self._form(entry.name).show(choice.arguments if isinstance(choice, Part) else {})
        finally:
            self._is_quiet = False
        self._follow()

    def _entry_of(self, choice: Any) -> Entry | None:
        """What the list has for a choice; None for what only the user has."""
        try:
            entry = self.registry.find(choice) if isinstance(choice, str) else self.registry.entry_of(choice)
        except UnknownName:
            return None
        if entry is None and isinstance(choice, types.FunctionType) and self.registry.has(choice.__name__):
            found = self.registry.find(choice.__name__)
            entry = found if getattr(found.target, "function", None) is choice else None
        return entry if entry is not None and entry.name in self._names else None

    # ---- the list ----

    def mark(self, unfit: Mapping[str, str]) -> None:
        """Put what cannot suit behind the others, with the reasons."""
        if dict(unfit) == dict(self.unfit):
            return
        self.unfit = unfit
        value, self._is_quiet = self.list.value, True
        try:
            self.list.options = self._options()
            self.list.value = value
        finally:
            self._is_quiet = False

    @property
    def grey(self) -> list[int]:
        """The places of options, from 1, that are headings or do not fit."""
        plain = {*self._names, OWN} - set(self.unfit)
        return [place for place, (_, value) in enumerate(self.list.options, 1) if value not in plain]

    @property
    def _names(self) -> set[str]:
        return {entry.name for entry in self.entries}

    def _options(self) -> list[Option]:
        own = [(f"{_short(written(self._own))} ({OWN})", OWN)] if self._own is not None else []
        return [_heading(NOTHING), *own, *grouped(self.entries, self.unfit)]

    def _chosen(self, change: dict[str, Any]) -> None:
        if self._is_quiet:
            return
        if change["new"] not in self._names and change["new"] != OWN:
            self.list.value = self._last  # headings stand in the list, but choose nothing
        elif change["new"] != self._last:
            self._spelling = None
            self._follow()
            self.changed()

    # ---- the form ----

    def _form(self, name: str) -> Form:
        if name not in self._forms:
            entry = self.registry.find(name)
            self._forms[name] = Form(entry, self._edited, start=self.start(), without=self.without)
        return self._forms[name]

    def _edited(self) -> None:
        self._entitle()
        self.changed()

    def _follow(self) -> None:
        """Show what belongs to the chosen part."""
        self._last = self.list.value
        self.explanation.value = explained(self.form.entry) if self.form else ""
        fields = [field.widget for field in self.form.fields.values()] if self.form else []
        self.options.fill([self.explanation, *fields] if self.form else [])
        self._entitle()

    def _entitle(self) -> None:
        if self.form is not None:
            changed = sum(1 for field in self.form.fields.values() if _is_changed(field))
            what = "Formula and options" if self.form.fields else "Formula"
            self.options.rename(f"{what} of {self.name}" + (f" ({changed} changed)" if changed else ""))


def _is_changed(field: Any) -> bool:
    try:
        return bool(field.is_changed)
    except ValueError:  # a text that stands for no value
        return True


def _short(text: str, limit: int = 44) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def explained(entry: Entry) -> str:
    """What a part does: its sentence, its formula in LaTeX and the meaning of the letters."""
    lines = "".join(rf"<div>$\displaystyle {html.escape(line)}$</div>" for line in latex_lines(entry.formula or ""))
    symbols = " ".join((entry.section("Symbols") or "").split())
    letters = f'<div class="kmagic-small">{html.escape(symbols)}</div>' if symbols else ""
    formula = f'<div class="kmagic-formula">{lines}</div>' if entry.formula else ""
    return f'<div class="kmagic-explained">{html.escape(entry.summary)}{formula}{letters}</div>'
