"""Headings that open and close."""

import ipywidgets

from kmagic.notebook.panels.disclosure import Disclosure


def test_it_opens_and_closes() -> None:
    disclosure = Disclosure("More", [ipywidgets.Text()])
    assert (disclosure.content.layout.display, disclosure.toggle.icon) == ("none", "caret-right")
    disclosure.toggle.value = True
    assert (disclosure.content.layout.display, disclosure.toggle.icon) == ("", "caret-down")


def test_without_content_there_is_nothing_to_open() -> None:
    disclosure = Disclosure("More", [ipywidgets.Text()])
    disclosure.fill([])
    assert disclosure.box.layout.display == "none"
    disclosure.fill([ipywidgets.Text()])
    disclosure.rename("Less")
    assert (disclosure.box.layout.display, disclosure.toggle.description) == ("", "Less")
