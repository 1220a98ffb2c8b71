"""A preview as a table: text for a terminal, HTML for a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmagic.models.diagnosis.measured import Preview

_TITLES = ("Layer", "Weights", "Gradient", "Update / weights", "Activation", "Saturated", "Dead units")
_LEGEND = (
    "Weights and gradient are Euclidean norms. Saturated: values where the slope of the activation is at most 0.01; "
    "dead: units where it is for every row."
)

Row = tuple[str, ...]


def headline(preview: Preview) -> str:
    """Loss and gradient in one line."""
    rate = "" if preview.learning_rate is None else f", learning rate {preview.learning_rate:.3g}"
    several = [output for output in preview.outputs if output.loss is not None] if len(preview.outputs) > 1 else []
    own = f" ({', '.join(f'{output.name} {output.loss:.4g}' for output in several)})" if several else ""
    return f"One batch of {preview.rows} rows: loss {preview.loss:.4g}{own}, gradient norm {preview.gradient:.4g}{rate}"


def table(preview: Preview) -> list[Row]:
    """One row a layer with weights, and one an activation, in the model's order."""
    active: dict[str, list[Row]] = {}
    for item in preview.activations:
        active.setdefault(item.layer, []).append((item.function, f"{item.saturated:.0%}", f"{item.dead:.0%}"))
    rows: list[Row] = []
    for layer in preview.layers:
        numbers = (f"{layer.norm:.3g}", f"{layer.gradient:.3g}", f"{layer.ratio:.2g}")
        first, *others = active.pop(layer.path, [("", "", "")])
        rows.append((f"{layer.path} ({layer.kind})", *numbers, *first))
        rows += [(layer.path, "", "", "", *other) for other in others]
    return rows + [(path, "", "", "", *item) for path, items in active.items() for item in items]


def as_text(preview: Preview) -> str:
    """The table for a terminal."""
    rows = [_TITLES, *table(preview)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
    problem = [f"not finite: {preview.problem}"] if preview.problem else []
    return "\n".join([headline(preview), *problem, rule, lines[0], rule, *lines[1:], rule, _LEGEND])


def as_html(preview: Preview) -> str:
    """The table for a notebook."""
    head = "".join(f'<th scope="col">{title}</th>' for title in _TITLES)
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in table(preview)
    )
    problem = f"<p><strong>not finite:</strong> {html.escape(preview.problem)}</p>" if preview.problem else ""
    return (
        f"<table><caption>{html.escape(headline(preview))}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{problem}<p><small>{_LEGEND}</small></p>"
    )
