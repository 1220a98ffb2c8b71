"""`rules`: the list of mistakes, as text and as Markdown."""

import pytest

from kmagic.cli.commands import main
from kmagic.models.diagnosis.rules import every_rule


def test_every_rule_is_listed_with_what_it_looks_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [line.split("  ")[0] for line in lines if not line.startswith(" ")]
    assert heads == [rule.code for rule in every_rule()] and "K114" in heads
    assert len(lines) >= 2 * len(heads)


def test_some_rules_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "K114", "K122", "--markdown"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[0] for row in table[2:]] == ["| K114", "| K122", "| K122"]  # a code may have several rules
    assert {row.count("|") for row in table} == {4}


def test_an_unknown_code_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "K999"]) == 1
    assert "unknown rule 'K999'" in capsys.readouterr().err
