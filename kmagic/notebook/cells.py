"""Read a `%%kmodel` cell: run it as the user's own code and see which layers, or which model, it gives.

- The cell runs in the user's namespace; names of layers stand behind the user's own (`namespace.py`).
- An expression that stands alone and gives a layer, or a list of layers, adds it: at top level, in loops, `if`, `with`
  and `try`, not in the bodies of functions and classes. A layer that is assigned is not added.
- A cell that builds a model itself gives that model: the one bound to the wanted name, else the last one built. A model
  of before that stands alone is a layer like others.

The syntax tree is changed in two places only: values of stand-alone expressions and of assignments pass through a
function that notes layers and models with their lines, and returns them as they are. Positions stay, so tracebacks
point to the cell's own lines (line 1 is the `%%kmodel` line).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kmagic.base.errors import BadType, BadValue, KmagicError
from kmagic.graph.symbol import Symbol
from kmagic.layers import Layer
from kmagic.layers.input import InputLayer
from kmagic.models import Model, Sequential
from kmagic.notebook import inputs
from kmagic.notebook.namespace import PARTS_OF_MODELS, bound_again_on_error, models_in, names_behind, public_names

NOTE = "__kmagic_note__"
ELSEWHERE = ("keras", "tensorflow", "tf_keras", "torch")

Compiler = Callable[[ast.Module, str, str], Any]


@dataclass(frozen=True)
class Cell:
    """The text of a cell below its `%%kmodel` line, the name its model shall have, and the file that it passes for."""

    name: str
    source: str
    filename: str = "<%%kmodel>"

    @property
    def magic(self) -> str:
        """The cell, in messages."""
        return f"%%kmodel {self.name}"


@dataclass
class Notes:
    """What a running cell gave: layers and models, each with its line, in the order of running."""

    layers: list[tuple[Any, int]] = field(default_factory=list)
    models: list[tuple[Any, int]] = field(default_factory=list)
    strangers: list[tuple[Any, int]] = field(default_factory=list)

    def note(self, value: Any, line: int, stands_alone: bool) -> Any:
        """Note `value` if it matters, and give it back."""
        if isinstance(value, Model):
            self.models.append((value, line))
            if stands_alone:
                self.layers.append((value, line))
        elif stands_alone and isinstance(value, list | tuple):
            for item in value:
                self.note(item, line, stands_alone)
        elif _is_foreign(value):
            self.strangers.append((value, line))
        elif stands_alone and (isinstance(value, Layer) or _is_layer_class(value) or _is_input(value)):
            self.layers.append((value, line))
        return value


def _is_layer_class(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Layer)


def _is_input(value: object) -> bool:
    """Whether `value` is what `Input(shape=...)` gives."""
    return isinstance(value, Symbol) and value.node.name == "placeholder"


def _is_foreign(value: object) -> bool:
    """Whether `value` is a layer or model of another library."""
    kinds = value.__mro__ if isinstance(value, type) else type(value).__mro__
    return any(
        kind.__module__.split(".")[0] in ELSEWHERE and kind.__name__ in ("Layer", "Module", "Model") for kind in kinds
    )


class _Marked(ast.NodeTransformer):
    """Pass the values of stand-alone expressions and of assignments through the note taker."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        node.value = self._noted(node.value, stands_alone=True)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        node.value = self._noted(node.value, stands_alone=False)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.value = node.value and self._noted(node.value, stands_alone=False)
        return node

    def _noted(self, value: ast.expr, stands_alone: bool) -> ast.expr:
        def at(node: ast.expr) -> ast.expr:
            return ast.copy_location(node, value)

        arguments = [value, at(ast.Constant(value.lineno)), at(ast.Constant(stands_alone))]
        return at(ast.Call(at(ast.Name(NOTE, ast.Load())), arguments, []))


def run(cell: Cell, namespace: dict[str, Any], compiler: Compiler = compile) -> Notes:
    """Run the cell's code in `namespace` and give what it noted."""
    tree = ast.parse(cell.source, cell.filename)
    names = public_names(tree, PARTS_OF_MODELS, namespace)
    notes = Notes()
    code = compiler(ast.fix_missing_locations(_Marked().visit(tree)), cell.filename, "exec")
    with names_behind(namespace, {**names, NOTE: notes.note}):
        exec(code, namespace)
    return notes


def read_model(
    cell: Cell,
    namespace: dict[str, Any],
    input_shape: tuple[int | None, ...] | None = None,
    compiler: Compiler = compile,
) -> Model:
    """The model that the cell defines. On an error the name keeps what it was bound to before."""
    before = {id(model) for model in models_in(namespace).values()}
    with bound_again_on_error(namespace, cell.name):
        notes = run(cell, namespace, compiler)
        _refuse_strangers(cell, notes)
        built = [(model, line) for model, line in notes.models if id(model) not in before]
        if not built:
            return _stacked(cell, notes, input_shape)
        model = _built(cell, notes, built, namespace)
        if input_shape is not None:
            inputs.apply(model, input_shape, cell.magic)
        return model


def _refuse_strangers(cell: Cell, notes: Notes) -> None:
    if notes.strangers:
        value, line = notes.strangers[0]
        kind = value if isinstance(value, type) else type(value)
        name, library = kind.__name__, kind.__module__.split(".")[0]
        package = "models" if name in ("Sequential", "Model") else "layers"
        raise BadType(
            f"{name} comes from {library}",
            where=f"{cell.magic}, line {line}",
            expected="a layer of kmagic",
            fix=f"from kmagic.{package} import {name}" if library != "torch" else None,
        )


def _built(cell: Cell, notes: Notes, built: list[tuple[Any, int]], namespace: dict[str, Any]) -> Model:
    """The model that the cell built itself; a layer that stands alone beside it would be lost, so it is refused."""
    own: Any = namespace.get(cell.name)
    is_own = isinstance(own, Model) and any(own is model for model, _ in built)
    model: Model = own if is_own else built[-1][0]
    lost = [line for layer, line in notes.layers if not isinstance(layer, Model)]
    if lost:
        name = next((name for name, value in namespace.items() if value is model), cell.name)
        raise BadValue(
            "this layer is added to nothing, because the cell builds a model itself",
            where=f"{cell.magic}, line {lost[0]}",
            fix=f"{name}.add(...)",
        )
    return model


def _stacked(cell: Cell, notes: Notes, input_shape: tuple[int | None, ...] | None) -> Model:
    """A Sequential of the layers that stand alone in the cell."""
    if not notes.layers:
        raise BadValue(
            "the cell gives no layer",
            where=cell.magic,
            expected="lines such as Dense(32, activation='relu'), or a model",
        )
    model = Sequential(name=cell.name)
    if input_shape is not None:
        own = inputs.own_input(notes.layers[0][0])
        if own is None:
            _add(model, InputLayer(shape=input_shape), f"{cell.magic} --input")
        else:
            inputs.check_agreement(own, input_shape, cell.magic)
    for layer, line in notes.layers:
        if isinstance(layer, type):
            raise BadType(
                f"{layer.__name__} is a class",
                where=f"{cell.magic}, line {line}",
                expected="a layer",
                fix=f"{layer.__name__}(...)",
            )
        _add(model, layer, f"{cell.magic}, line {line}")
    return model


def _add(model: Sequential, layer: Any, where: str) -> None:
    try:
        model.add(layer)
    except KmagicError as error:
        error.where = f"{where}, {error.where}" if error.where else where
        raise
