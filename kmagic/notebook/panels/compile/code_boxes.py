"""The equivalent Python and the equivalent magic line, ready to copy.

Text areas, because there a click and Ctrl+A select everything, by keyboard too, without code in the front end. They
are not disabled, as focus would then pass them by; what is typed into them is taken back.
"""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

WIDTH = 96  # characters that a line of a box holds, about


class CodeBoxes:
    """Two read-only boxes."""

    def __init__(self) -> None:
        self.texts = ("", "")
        self.boxes = [_box("Python"), _box("Magic")]
        for box in self.boxes:
            box.observe(lambda change: self._restore(), "value")
        heading = widgets.HTML(
            '<div class="kmagic-heading">The same as code '
            '<span class="kmagic-small">(click, Ctrl+A, Ctrl+C)</span></div>'
        )
        self.box = widgets.VBox([heading, *self.boxes])

    def show(self, python: str, magic: str) -> None:
        """Show other code."""
        self.texts = (python, magic)
        self._restore()

    def _restore(self) -> None:
        for box, text in zip(self.boxes, self.texts, strict=True):
            # a line that is broken may leave its indentation on a line of its own
            rows = sum(1 + -(-len(line) // WIDTH) if len(line) > WIDTH else 1 for line in text.splitlines())
            box.rows = min(max(rows, 1), 16)
            box.value = text


def _box(label: str) -> Any:
    box = widgets.Textarea(
        description=label, rows=1, continuous_update=False, style={"description_width": "60px"},
        layout=widgets.Layout(width="100%", height="auto"), tooltip=f"The same choice as {label} code",
    )  # fmt: skip
    box.add_class("kmagic-code")
    return box
