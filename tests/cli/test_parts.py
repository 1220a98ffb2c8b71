"""The printed reference is the registries, complete."""

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


def test_one_part_in_both_forms() -> None:
    def huber(delta: float = 1.0) -> None:
        """Squared near zero, absolute far away.

        Formula: L = ½ d² if |d| ≤ δ
                 else δ (|d| − ½ δ)
        """

    class Shelf:
        package = "kmagic.losses"

        @staticmethod
        def entries() -> list[Entry]:
            entry = Entry("huber", huber, aliases=("Huber",))
            vars(entry)["parameters"] = (Parameter("delta", 1.0, float, Bound(above=0), optional=False),)
            return [entry]

    assert "\n".join(parts.text(Shelf)).splitlines() == [  # type: ignore[arg-type]
        "kmagic.losses",
        "=============",
        "",
        "huber (Huber)",
        "    Squared near zero, absolute far away.",
        "    L = ½ d² if |d| ≤ δ",
        "             else δ (|d| − ½ δ)",
        "        delta = 1.0   (a number > 0)",
    ]
    assert "\n".join(parts.markdown(Shelf)).splitlines() == [  # type: ignore[arg-type]
        "## kmagic.losses",
        "",
        "### huber (Huber)",
        "",
        "Squared near zero, absolute far away.",
        "",
        "```",
        "L = ½ d² if |d| ≤ δ",
        "         else δ (|d| − ½ δ)",
        "```",
        "",
        "- `delta = 1.0   (a number > 0)`",
    ]
