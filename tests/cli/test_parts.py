"""The printed reference is the registries, complete."""

from collections.abc import Callable, Iterator

import pytest

from kmagic.base.parameters import Bound, Parameter
from kmagic.base.registry import Entry
from kmagic.cli import main, parts


@pytest.mark.parametrize("options", [[], ["--markdown"]])
def test_every_part_is_printed(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parts", *options]) == 0
    shown = capsys.readouterr().out
    packages = {registry.package for registry in parts.registries()}
    assert packages >= {"kmagic.layers", "kmagic.losses", "kmagic.metrics", "kmagic.optimizers", "kmagic.activations"}
    for registry in parts.registries():
        assert registry.package in shown
        for entry in registry.entries():
            assert parts.title(entry) in shown and entry.summary in shown


def huber(delta: float = 1.0) -> None:
    """Squared near zero, absolute far away.

    Formula: L = ½ d² if |d| ≤ δ
             else δ (|d| − ½ δ)
    """


class Shelf:
    """A registry with one part."""

    package = "kmagic.losses"

    @staticmethod
    def entries() -> list[Entry]:
        """The part, with a bound on its parameter."""
        entry = Entry("huber", huber, aliases=("Huber",))
        vars(entry)["parameters"] = (Parameter("delta", 1.0, float, Bound(above=0), optional=False),)
        return [entry]


TEXT = """\
kmagic.losses
=============

huber (Huber)
    Squared near zero, absolute far away.
    L = ½ d² if |d| ≤ δ
             else δ (|d| − ½ δ)
        delta = 1.0   (a number > 0)
"""
MARKDOWN = """\
## kmagic.losses

### huber (Huber)

Squared near zero, absolute far away.

```
L = ½ d² if |d| ≤ δ
         else δ (|d| − ½ δ)
```

- `delta = 1.0   (a number > 0)`
"""


@pytest.mark.parametrize(("write", "expected"), [(parts.text, TEXT), (parts.markdown, MARKDOWN)])
def test_one_part(write: Callable[[object], Iterator[str]], expected: str) -> None:
    assert "\n".join(write(Shelf)).strip() == expected.strip()
