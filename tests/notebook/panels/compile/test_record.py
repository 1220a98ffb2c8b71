"""What a saved notebook keeps of a panel."""

import pytest

from kmagic.models.diagnosis import Case, Finding, Fix
from kmagic.models.recipe import Recipe
from kmagic.notebook.panels.compile.record import Record, instead_of_dead, instead_of_record


@pytest.fixture
def record() -> Record:
    fix = Fix("Use <b>", "model.compile(loss='b < c')", lambda case: case, Case(None, Recipe()))
    finding = Finding("K104", "error", "1 < 2 outputs", (fix,))
    return Record("m", "Recipe of m", "because", "m.compile()", "%kcompile m", [finding])


def test_text_says_recipe_findings_and_fixes(record: Record) -> None:
    assert record.text().splitlines() == [
        "Recipe of m: because",
        "",
        "  %kcompile m",
        "",
        "  m.compile()",
        "",
        "✖ error K104: 1 < 2 outputs",
        "    Use <b>: model.compile(loss='b < c')",
    ]


def test_html_says_the_same_escaped(record: Record) -> None:
    page = record.html("7f")
    for text in ("because", "m.compile()", "%kcompile m", "✖ error K104: 1 &lt; 2 outputs", "Use &lt;b&gt;"):
        assert text in page
    assert "loss=&#x27;b &lt; c&#x27;" in page
    # colours of text and ground are left to the page, dark or light
    assert "background" not in page and " color:" not in page


def test_record_and_panel_hide_each_other_by_identity(record: Record) -> None:
    assert instead_of_dead("7f") in record.html("7f")
    assert ".kmagic-record-7f" in instead_of_dead("7f") and ".kmagic-panel-7f" in instead_of_dead("7f")
    assert ".kmagic-record-7f" in instead_of_record("7f")


def test_a_problem_takes_the_place_of_findings() -> None:
    record = Record("m", "Recipe of m", "", "m.compile()", "%kcompile m", problem="clipnorm is 'much'")
    assert record.text().endswith("✖ clipnorm is 'much'") and "clipnorm is" in record.html("1")
