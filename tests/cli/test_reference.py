"""What the reference says of a part that is made up here, in both styles."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from kmagic.base.parameters import Bound, Parameter
from kmagic.base.registry import Entry
from kmagic.cli import markdown, parts, reference, text


def huber(delta: float = 1.0) -> None:
    """Squared near zero, absolute |far| away.

    Outliers * pull less.

    Formula: L = ½ d² if |d| ≤ δ
             else δ (|d| − ½ δ)

    Symbols: d: error,
        δ: delta

    Example:

    >>> huber(2.0)

    >>> huber()
    """


class Shelf:
    """A registry with one part."""

    package = "kmagic.losses"
    kind = "loss"

    @staticmethod
    def entries() -> list[Entry]:
        """The part, with a bound on its parameter."""
        entry = Entry("huber", huber, aliases=("Huber",), tags=("robust",))
        vars(entry)["parameters"] = (
            Parameter("delta", 1.0, float, Bound(above=0), optional=False),
            Parameter("limit", None, float, Bound(at_least=0, at_most=1), optional=True),
            Parameter("values", Parameter("x", 1.0, float, None, False).required, list, None, optional=False),
        )
        return [entry]


TEXT = """\
kmagic.losses
=============

huber (Huber)
    Squared near zero, absolute |far| away.
    L = ½ d² if |d| ≤ δ
             else δ (|d| − ½ δ)
        delta = 1.0   (a number > 0)
        limit = None   (a number >= 0 and <= 1, or None)
        values = False
"""
MARKDOWN = r"""
## kmagic.losses

### huber (Huber)

Squared near zero, absolute \|far\| away.

```text
L = ½ d² if |d| ≤ δ
         else δ (|d| − ½ δ)
```

| argument | default | allowed |
|---|---|---|
| `delta` | `1.0` | a number \> 0 |
| `limit` | `None` | a number \>= 0 and \<= 1, or None |
| `values` | `False` |  |
"""
FULL = """\
huber (Huber)
=============
Squared near zero, absolute |far| away.

Outliers * pull less.

strings  'huber', 'Huber'
tags     robust

Arguments:
    delta = 1.0   (a number > 0)
    limit = None   (a number >= 0 and <= 1, or None)
    values = False

Formula:
    L = ½ d² if |d| ≤ δ
             else δ (|d| − ½ δ)

Symbols:
    d: error,
        δ: delta

Example:
    >>> huber(2.0)

    >>> huber()
"""


@pytest.mark.parametrize(("style", "expected"), [(text, TEXT), (markdown, MARKDOWN)])
def test_a_registry(style: ModuleType, expected: str) -> None:
    assert "\n".join(style.registry(Shelf)).strip() == expected.strip()


def test_a_part_in_full() -> None:
    assert "\n".join(text.part(Shelf, Shelf.entries()[0])).strip() == FULL.strip()


def test_a_part_in_full_as_markdown() -> None:
    page = markdown2html_mistune("\n".join(markdown.part(Shelf, Shelf.entries()[0])))
    assert "<h3" in page and page.count("<tr>") == 4 and "<em>" not in page
    assert "Outliers * pull less." in page and "absolute |far| away." in page
    assert page.count("<strong>") == 3 and "<li>strings: <code>'huber', 'Huber'</code></li>" in page
    assert "else δ (|d| − ½ δ)" in page


def test_the_whole_reference_renders_as_markdown() -> None:
    page = markdown2html_mistune("\n".join(parts.everything(markdown)))
    entries = [entry for registry in parts.registries() for entry in registry.entries()]
    functions = [function for package in parts.FUNCTIONS for _, function in parts.functions(package)]
    assert page.count("<h2") == len(parts.registries()) + len(parts.FUNCTIONS)
    assert page.count("<h3") == len(entries)
    assert page.count("<table>") == sum(bool(entry.parameters) for entry in entries) + len(parts.FUNCTIONS)
    rows = sum(len(entry.parameters) for entry in entries) + len(functions) + page.count("<table>")
    assert page.count("<tr>") == rows
    # nothing was taken for emphasis or for a row that is none
    assert "<em>" not in page and "|---" not in page


@pytest.mark.parametrize(
    ("function", "expected"),
    [(huber, "huber(delta=1.0)"), (lambda x, /, *axes, k=None: x, "f(x, /, *axes, k=None)")],
)
def test_calls_are_written_without_annotations(function: Callable[..., Any], expected: str) -> None:
    assert reference.call([expected.partition("(")[0]], function) == expected


def test_functions_are_lines_or_rows() -> None:
    found: list[tuple[list[str], Any]] = [(["huber", "smooth"], huber)]

    def lines(style: ModuleType) -> Iterator[str]:
        return style.functions("kmagic.ops", found)

    assert "huber, smooth  Squared near zero, absolute |far| away." in list(lines(text))
    assert r"| `huber`, `smooth` | Squared near zero, absolute \|far\| away. |" in list(lines(markdown))
