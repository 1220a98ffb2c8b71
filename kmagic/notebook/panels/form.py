"""The form of one part: a field for each typed parameter; what no field can show is kept as it was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from kmagic.base.registry import Entry
from kmagic.notebook.panels.fields import Field, field_of, label_for

# A display name, and how numbers are summed over a batch: no choices for a form.
LEFT_OUT = {"name", "dtype", "reduction"}


class Form:
    """The fields of one part's parameters; `changed` is called when the user changes one.

    `values` are shown at first, `start` fills parameters that have no default, `without` are shown elsewhere.
    """

    def __init__(
        self,
        entry: Entry,
        changed: Callable[[], object],
        values: Mapping[str, Any] | None = None,
        start: Mapping[str, Any] | None = None,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.entry = entry
        self.start = {name: value for name, value in (start or {}).items() if name in _required(entry)}
        self._without = without
        wanted = [p for p in entry.parameters if p.name not in LEFT_OUT | without]
        label = label_for(parameter.name for parameter in wanted)
        made = (field_of(parameter, entry, self.start.get(parameter.name), label) for parameter in wanted)
        self.fields: dict[str, Field] = {field.parameter.name: field for field in made if field is not None}
        self.kept: dict[str, Any] = {}
        self._changed = changed
        self._is_quiet = False
        self.show(values or {})
        for field in self.fields.values():
            field.observe(self._edited)
        self.box = widgets.VBox([field.widget for field in self.fields.values()])

    def _edited(self) -> None:
        if not self._is_quiet:
            self._changed()

    def show(self, values: Mapping[str, Any]) -> None:
        """Show the values of a part; those that are not given get their defaults."""
        with self._quietly():
            defaults = {p.name: p.default for p in self.entry.parameters if not p.required}
            self.kept = {}
            for name, value in (defaults | self.start | dict(values)).items():
                if (
                    name not in self._without
                    and not self._shows(name, value)
                    and name in defaults
                    and value is not defaults[name]
                ):
                    self.kept[name] = value

    def _shows(self, name: str, value: Any) -> bool:
        """Put a value into its field; False where there is none, or where it cannot show the value."""
        field = self.fields.get(name)
        if field is None:
            return False
        try:
            field.show(value)
            return bool(field.value == value)
        except Exception:  # what a widget says to a value that it cannot hold differs from one to the next
            field.show(self.start.get(name) if field.parameter.required else field.parameter.default)
            return False

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        before, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = before

    def changes(self) -> dict[str, Any]:
        """The values that differ from the defaults."""
        return self.kept | {name: field.value for name, field in self.fields.items() if field.is_changed}

    def part(self, **further: Any) -> Any:
        """The part by name if nothing was changed, else made with the changed values."""
        changes = self.changes() | further
        return self.entry.target(**changes) if changes else self.entry.name


def _required(entry: Entry) -> set[str]:
    return {parameter.name for parameter in entry.parameters if parameter.required}
