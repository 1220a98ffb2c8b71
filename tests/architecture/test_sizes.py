"""A file has at most 400 lines of code, a function 40, a line 120."""

from statistics import median, quantiles

import pytest

from tests.architecture import tree

FILE, FUNCTION, LINE = 400, 40, 120


def test_files_are_short() -> None:
    long = [f"{path}: {tree.code_lines(path)}" for path in tree.python_files() if tree.code_lines(path) > FILE]
    assert not long, f"files over {FILE} lines of code" + tree.listed(long)


def test_functions_are_short() -> None:
    long = [str(size) for path in tree.python_files() for size in tree.functions(path) if size.lines > FUNCTION]
    assert not long, f"functions over {FUNCTION} lines" + tree.listed(long)


def test_lines_are_short() -> None:
    long = [
        f"{path}:{number}"
        for path in tree.python_files()
        for number, line in enumerate(tree.read(path).splitlines(), start=1)
        if len(line) > LINE
    ]
    assert not long, f"lines over {LINE} characters" + tree.listed(long)


def test_function_lengths_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    lengths = [size.lines for path in tree.python_files("kmagic") for size in tree.functions(path)]
    percentile_95 = quantiles(lengths, n=20)[-1]
    with capsys.disabled():
        print(f"\nkmagic: {len(lengths)} functions, median {median(lengths):.0f} lines, 95 % under {percentile_95:.0f}")
    assert median(lengths) <= percentile_95 <= FUNCTION
