"""The table of a model's layers, as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

from kmagic.base.shapes import shapes_in, written
from kmagic.layers.layer import Layer

_TITLES = ("Layer (type)", "Output shape", "Parameters")


def rows(layers: Sequence[Layer]) -> list[tuple[str, str, str]]:
    """One row a layer: name and type, output shape, number of parameters."""
    return [
        (
            f"{layer.name} ({type(layer).__name__})",
            ", ".join(written(shape, layer.dtype) if shape else "?" for shape in shapes_in(layer.output_shape)),
            f"{layer.count_params():,}" if layer.built else "0 (not built)",
        )
        for layer in layers
    ]


def totals(model: Layer) -> str:
    """The numbers of parameters in all."""
    if not model.built:
        return "not built: the input shape is not known yet"
    trainable = sum(variable.size for variable in model.trainable_weights)
    fixed = sum(variable.size for variable in model.non_trainable_weights)
    size = sum(variable.array.nbytes for variable in model.weights)
    return f"{trainable + fixed:,} parameters ({size:,} bytes), {trainable:,} of them trainable"


def as_text(model: Layer, layers: Sequence[Layer]) -> str:
    """The table for a terminal."""
    table = [_TITLES, *rows(layers)]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    rule = "─" * (sum(widths) + 6)
    lines = [f"Model: {model.name}", rule]
    for number, (name, shape, count) in enumerate(table):
        lines.append(f"{name:<{widths[0]}}   {shape:<{widths[1]}}   {count:>{widths[2]}}")
        if number == 0:
            lines.append(rule)
    return "\n".join([*lines, rule, totals(model)])


def as_html(model: Layer, layers: Sequence[Layer]) -> str:
    """The table for a notebook."""
    head = "".join(f"<th>{title}</th>" for title in _TITLES)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows(layers))
    return (
        f"<table><caption>Model: {html.escape(model.name)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table><p>{html.escape(totals(model))}</p>"
    )
