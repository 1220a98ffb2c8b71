"""Formulas as LaTeX."""

import pytest
from matplotlib.mathtext import MathTextParser

from kmagic import losses, metrics, optimizers
from kmagic.notebook.panels.latex import latex, latex_lines

REGISTRIES = (losses.registry, metrics.registry, optimizers.registry, optimizers.schedules.registry)
ENTRIES = [entry for registry in REGISTRIES for entry in registry.entries() if entry.formula]


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("mean (t − p)²", r"\operatorname{mean} (t - p)^{2}"),
        ("g·√(d + ε) / √(a + ε)", r"\frac{g \cdot \sqrt{d + \varepsilon}}{\sqrt{a + \varepsilon}}"),
        ("TP / (TP + FP)", r"\frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FP}}"),
        ("Σ w·v / Σ w", r"\frac{\sum w \cdot v}{\sum w}"),
        ("t·(1 − s) + s/2", r"t \cdot (1 - s) + \frac{s}{2}"),
        ("1·s/2", r"1 \cdot \frac{s}{2}"),
        ("mean |t − p| / max(|t|, ε)", r"\operatorname{mean} \frac{|t - p|}{\max(|t|, \varepsilon)}"),
        ("bᵢ₋₁ < t ≤ bᵢ", r"b_{i-1} < t \leq b_{i}"),
        ("e^(−2e)", "e^{- 2 e}"),
        ("1 − β₂ᵗ", r"1 - \beta_{2}^{t}"),
        ("−ln softmax(z)_t", r"- \ln \operatorname{softmax}(z)_{t}"),
        ("p held within [ε, 1 − ε]", r"p \text{ held within } [\varepsilon, 1 - \varepsilon]"),
        ("(t − t̄)/σ_t", r"\frac{t - \bar{t}}{\sigma_{t}}"),
        ("‖w‖ / ‖u‖", r"\frac{\|w\|}{\|u\|}"),
        ("r·c / mean r (vectors: v)", r"\frac{r \cdot c}{\operatorname{mean} r} (\text{ vectors}: v)"),
        ("lr·adam_lr_ratio", r"\mathrm{lr} \cdot \mathrm{adam\_lr\_ratio}"),
    ],
)
def test_notation(plain: str, expected: str) -> None:
    assert latex(plain) == expected


def test_statements_get_lines_of_their_own() -> None:
    lines = latex_lines("w ← w − lr·g; with momentum: m ← μ·m − lr·g, w ← w + m")
    assert [line.count(r"\leftarrow") for line in lines] == [1, 1, 1]
    assert latex_lines("clip(z, −l, l) − z, a, b") == [r"\operatorname{clip}(z, - l, l) - z, a, b"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.target.__module__}:{entry.name}")
def test_every_formula_of_a_part_is_well_formed(entry: object) -> None:
    """matplotlib's own reader of LaTeX takes it, and none of the plain notation is left over."""
    for line in latex_lines(entry.formula):  # type: ignore[attr-defined]
        MathTextParser("path").parse(f"${line}$")
        assert not set("·√−←Σ₀₁ᵗ²ᵢ") & set(line)
