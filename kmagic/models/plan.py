"""Plan: what the compiler made of a model, stage by stage, as text, as a picture and in figures."""

from __future__ import annotations

from typing import Any

from kmagic.compiler.picture import picture
from kmagic.compiler.pipeline import check_stage, stage_names
from kmagic.compiler.program import Program
from kmagic.compiler.show import figures, stage_text


class Plan:
    """One stage of one program: `str(plan)` is text, `plan.svg()` a picture, `plan.summary()` the figures."""

    def __init__(self, program: Program, kind: str, after: str, batch_size: int) -> None:
        self.program = program
        self.kind = kind
        self.after = check_stage(after)
        self.batch_size = batch_size

    @property
    def stages(self) -> list[str]:
        """The stages in order."""
        return stage_names()

    def summary(self) -> dict[str, Any]:
        """Nodes before and after fusion, kernels, buffers, bytes and operations of one step."""
        return figures(self.program, self.batch_size)

    def headline(self) -> str:
        """The figures in one line."""
        f = self.summary()
        return (
            f"{self.kind} program: {f['nodes_traced']} nodes traced, {f['nodes_differentiated']} with gradients, "
            f"{f['nodes_merged']} simplified and merged, {f['kernels']} kernels, {f['buffers']} buffers; "
            f"a step on {self.batch_size} rows: {f['flops']:,} operations, {f['bytes_moved']:,} bytes moved, "
            f"{f['buffer_bytes']:,} bytes of buffers"
        )

    def svg(self) -> str:
        """The stage as a picture (SVG text); the text of the program has the picture of its kernels."""
        shown = "place" if self.after == "emit" else self.after
        return picture(self.program.stages[shown], f"{self.kind} after {self.after}")

    def __str__(self) -> str:
        return f"{self.headline()}\nafter {self.after}:\n{stage_text(self.program, self.after, self.batch_size)}"

    def __repr__(self) -> str:
        return f"<Plan of the {self.kind} program after {self.after}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "image/svg+xml": self.svg()}
