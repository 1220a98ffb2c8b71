"""A heading that opens and closes what is below it: a button, so that keys reach it (an Accordion has none)."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets


class Disclosure:
    """A toggle and the widgets that it shows."""

    def __init__(self, title: str, children: list[Any], is_open: bool = False) -> None:
        self.toggle = widgets.ToggleButton(value=is_open, description=title, layout=widgets.Layout(width="auto"))
        self.toggle.add_class("kmagic-disclosure")
        self.content = widgets.VBox(children)
        self.content.add_class("kmagic-disclosed")
        self.box = widgets.VBox([self.toggle, self.content])
        self._follow()
        self.toggle.observe(lambda change: self._follow(), "value")

    def _follow(self) -> None:
        self.toggle.icon = "caret-down" if self.toggle.value else "caret-right"
        self.content.layout.display = "" if self.toggle.value else "none"

    def rename(self, title: str) -> None:
        """Another title."""
        self.toggle.description = title

    def fill(self, children: list[Any]) -> None:
        """Show other widgets; without any there is nothing to open."""
        self.content.children = children
        self.box.layout.display = "" if children else "none"
