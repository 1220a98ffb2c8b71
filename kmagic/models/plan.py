"""Plan: what the compiler made of a model, stage by stage, as text, as a picture and in figures."""

from __future__ import annotations

from typing import Any

from kmagic.base.errors import BadValue, NotCompiled
from kmagic.base.shapes import shapes_in
from kmagic.base.trees import leaves, mapped
from kmagic.compiler.picture import picture
from kmagic.compiler.pipeline import check_stage, stage_names
from kmagic.compiler.program import Program
from kmagic.compiler.show import figures, stage_text
from kmagic.graph.node import Graph
from kmagic.models import programs
from kmagic.models.compiled import Compiled
from kmagic.models.form import Form
from kmagic.models.own import own_steps
from kmagic.models.recipe import Recipe, loss_choices, loss_entry, loss_object

KINDS = ("train", "evaluate", "predict")


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


def plan_of(model: Any, compiled: Compiled | None, program: str, after: str, batch_size: int) -> Plan:
    """What the compiler makes of a model's train, evaluate or predict step."""
    if program not in KINDS:
        raise BadValue(f"program is {program!r}", where="plan", expected=f"one of {', '.join(KINDS)}")
    if own_steps(model):
        return Plan(programs.program_of(_graph_as_seen(model, compiled, program))[0], program, after, batch_size)
    if not model.built or model.input_shape is None:
        raise BadValue("the model is not built", where=model.name, expected="a known input shape, or a first fit")
    size = programs.fixed_batch(model) or batch_size
    return Plan(programs.program_of(_graph(model, compiled, program))[0], program, after, size)


def _graph(model: Any, compiled: Compiled | None, program: str) -> Graph:
    """The graph of a step on data as the model and its losses want them."""
    side = model.behind_text
    shapes = shapes_in(side.input_shape)
    if any(None in shape[1:] for shape in shapes):
        raise BadValue(f"input {side.input_shape}", where="plan", expected="known sizes but for the batch")
    kinds = [symbol.dtype for symbol in side.inputs] or [model.dtype] * len(shapes)
    specs = [(tuple(shape[1:]), kind) for shape, kind in zip(shapes, kinds, strict=True)]
    tree = mapped(lambda _: None, side.input) if side.inputs else None if len(shapes) == 1 else [None] * len(shapes)
    batch = programs.batch_axis(model)
    if program == "predict":
        return programs.graph_of(programs.predict_step(model, tree, []), specs, Form(tree).labels, batch)
    if compiled is None:
        raise NotCompiled(
            "You must call `compile()` before `plan()`", where=model.name, fix="model.compile(loss='mse')"
        )
    # looking must not choose losses, metrics or state for this model
    sketch = Compiled.sketch(compiled.recipe)
    targets = _target_specs(model, compiled.recipe)
    form = Form(tree, (True,) * len(targets), (False,) * len(targets), _places(len(targets)))
    make = programs.TrainStep if program == "train" else programs.TestStep
    return programs.graph_of(make(model, sketch, form), [*specs, *targets], form.labels, batch)


def _graph_as_seen(model: Any, compiled: Compiled | None, program: str) -> Graph:
    """The graph of a step of a user's own, which takes data as it was last given."""
    seen = compiled.seen if compiled else {}
    if compiled is None or not seen:
        raise BadValue(
            "nobody knows what data the step takes", where="plan", expected="a first fit, or a train_on_batch"
        )
    kind = programs.TestStep if program == "evaluate" else programs.TrainStep
    specs, form = seen.get(kind.name) or next(iter(seen.values()))
    if program == "predict":
        inputs = specs[: len(leaves(form.inputs))]
        return programs.graph_of(programs.predict_step(model, form.inputs, []), inputs, Form(form.inputs).labels)
    return programs.graph_of(kind(model, Compiled.sketch(compiled.recipe), form), specs, form.labels)


def _places(count: int) -> Any:
    """The tree of targets: one alone, or a list."""
    return 0 if count == 1 else list(range(count))


def _target_specs(model: Any, recipe: Recipe) -> list[tuple[tuple[int, ...], str]]:
    """Shape and dtype of a target that suits each output's loss."""
    shapes = shapes_in(model.output_shape)
    choices = loss_choices(recipe, model.output_names or ["output"] * len(shapes))
    return [_target_spec(model, shape, choices[number]) for number, shape in enumerate(shapes)]


def _target_spec(model: Any, shape: Any, choice: Any) -> tuple[tuple[int, ...], str]:
    entry = loss_entry(loss_object(choice, "binary" if shape[-1] == 1 else "sparse_categorical"))
    if entry is not None and "integer labels" in entry.tags:
        return tuple(shape[1:-1]), "int32"
    return tuple(shape[1:]), model.dtype
