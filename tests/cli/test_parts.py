"""The printed reference is the registries and the operations, complete; names choose from it."""

import inspect
import subprocess
import sys

import pytest

import kmagic
from kmagic.cli import main, markdown, parts, reference


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["parts", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--markdown"]])
def test_every_part_and_operation_is_printed(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(capsys, *options)
    write = markdown.escaped if options else str
    packages = {registry.package for registry in parts.registries()}
    assert packages >= {"kmagic.layers", "kmagic.losses", "kmagic.metrics", "kmagic.optimizers", "kmagic.activations"}
    for registry in parts.registries():
        assert registry.package in printed
        for entry in registry.entries():
            assert write(reference.title(entry)) in printed and write(entry.summary) in printed
            assert entry.formula is None or entry.formula.splitlines()[0] in printed
    for name in dir(kmagic.ops):
        assert name in printed and write(reference.sentence(getattr(kmagic.ops, name))) in printed


def test_the_order_is_stable(capsys: pytest.CaptureFixture[str]) -> None:
    first = shown(capsys)
    headings = [line for line in first.splitlines() if line.startswith("kmagic.")]
    assert headings == [*sorted(registry.package for registry in parts.registries()), *parts.FUNCTIONS]
    assert shown(capsys) == first


@pytest.mark.parametrize("name", ["losses", "kmagic.losses", "loss"])
def test_one_kind(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(capsys, name)
    assert reference.title(kmagic.losses.registry.find("mse")) in printed and "kmagic.metrics" not in printed


def test_operations(capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(capsys, "ops")
    assert "abs, absolute" in printed and kmagic.ops.abs.__doc__ in printed
    assert "kmagic.losses" not in printed


FULL = """\
hinge (Hinge)
=============
Punishes predictions on the wrong side, and right ones within a margin of 1.

import   kmagic.losses.Hinge
strings  'hinge', 'Hinge'
tags     binary, margin

Arguments:
    reduction = 'sum_over_batch_size'"""


def test_one_part_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(capsys, "hinge")
    assert printed.startswith(FULL)
    for section in ("Formula:\n    mean max(1 − t·p, 0)", "Symbols:\n    t: ", "Shapes:\n    [*d n], [*d n] -> [*d]"):
        assert f"\n\n{section}" in printed
    assert "Example:\n    >>> import numpy as np\n    >>> hinge(" in printed and "Source:\n    " in printed
    # the metric of that name follows
    assert "import   kmagic.metrics.Hinge" in printed


def test_any_spelling_and_several_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert "import   kmagic.optimizers.SGD" in shown(capsys, "SGD")
    printed = shown(capsys, "mse", "sgd")
    assert printed.index("kmagic.losses.MeanSquaredError") < printed.index("kmagic.optimizers.SGD")


def test_an_operation_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown(capsys, "expand_dims")
    assert "kmagic.ops.expand_dims(x, axis)" in printed and inspect.getdoc(kmagic.ops.expand_dims) in printed


def test_an_unknown_name_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parts", "hinje"]) == 1
    assert capsys.readouterr().err.startswith("parts: unknown part 'hinje'\nfix: did you mean 'hinge'")


def test_a_reader_may_stop_early() -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "kmagic", "parts"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout is not None and program.stderr is not None
    assert program.stdout.readline() == "kmagic.activations\n"
    program.stdout.close()
    assert program.stderr.read() == "" and program.wait() == 0
    program.stderr.close()
