"""Walking along sequences: what every recurrent layer does with its cell. All of them are one scan."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Literal

from kmagic.base import shapes
from kmagic.base.errors import BadValue, ShapeMismatch
from kmagic.base.parameters import parameters_of
from kmagic.base.parts import snake
from kmagic.base.shapes import Extent
from kmagic.base.trees import filled, is_nested, leaves, mapped
from kmagic.graph.load import ops
from kmagic.graph.ops.rematerialization import walk_in_segments
from kmagic.graph.trace import not_tracing
from kmagic.graph.variable import Variable
from kmagic.layers.layer import Layer
from kmagic.layers.recurrent_cell import advanced, drawn, initial_states, output_shape_of, projected
from kmagic.layers.wrapper import build_inside


class Recurrent(Layer):
    """Base of layers that walk along a sequence with `self.cell`."""

    supports_masking = True
    forgets_itself = True
    cell: Any

    def __init__(
        self,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.states: list[Any] | None = None

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the cell's states."""
        size = self.cell.state_size
        return list(size) if is_nested(size) else [size]

    def _variables(self) -> list[Variable]:
        kept = {id(state) for state in leaves(self.states)}
        return [variable for variable in super()._variables() if id(variable) not in kept]

    @property
    def variables(self) -> list[Variable]:
        """All weights, the states that are kept, and those of random generators."""
        return [*super().variables, *(leaves(self.states) if self.states else [])]

    def build(self, input_shape: Any, initial_state_shape: Any = None) -> None:
        """Make the weights of the cell."""
        if len(input_shape) < 3:
            raise ShapeMismatch(
                f"input of shape {shapes.written(input_shape)}",
                where=self.path,
                expected="[batch steps features]",
                fix="x[..., None] for sequences of single numbers" if len(input_shape) == 2 else None,
            )
        build_inside(self.cell, (input_shape[0], *input_shape[2:]))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the sequence where one is returned; states have none."""
        mask = leaves(previous_mask)[0] if self.return_sequences else None
        return [mask, *(None for _ in leaves(self.state_size))] if self.return_state else mask

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """The states before the first step."""
        return initial_states(self.cell, batch_size, self.compute_dtype)

    def reset_state(self) -> None:
        """Make the states that are kept zero."""
        for state in leaves(self.states) if self.states else ():
            state.assign(ops.zeros(state.shape, dtype=state.dtype))

    reset_states = reset_state

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        if self.unroll and isinstance(sequences.shape[1], Extent):
            raise BadValue(
                "unroll=True for sequences of unknown length",
                where=self.path,
                expected="a known length",
                fix="Input((10, features)), or unroll=False",
            )
        if self.stateful:
            self._keep(sequences.shape[0])
        states = self._before(sequences.shape[0]) if initial_state is None else initial_state
        states = list(states) if is_nested(states) else [states]
        walk = _Walk(self, mapped(lambda state: ops.cast(state, self.compute_dtype), states), mask, training)
        output, states = walk.along(sequences)
        if self.stateful:
            for kept, state in zip(leaves(self.states), leaves(states), strict=True):
                kept.assign(state)
        return (output, *states) if self.return_state else output

    def _before(self, batch: Any) -> Any:
        """The states before the first step: zeros, or those that the last call left."""
        if self.states is None:
            return self.get_initial_state(batch)
        return mapped(lambda state: state.value, self.states)

    def _keep(self, batch: Any) -> None:
        """Have states that are kept from call to call, for this number of rows."""
        if self.states is not None:
            size = leaves(self.states)[0].shape[0]
            if batch != size:
                raise ShapeMismatch(f"{batch} rows", where=self.path, expected=f"{size}: as many as the states have")
            return
        if isinstance(batch, Extent):
            raise BadValue(
                "stateful=True with a batch size that is not known",
                where=self.path,
                expected="a fixed batch size",
                fix="Input(batch_shape=(32, 10, features))",
            )
        with not_tracing():
            self.states = mapped(
                lambda value: Variable(value, None, self.dtype, False, "rnn_state", f"{self.path}/rnn_state"),
                self.get_initial_state(batch),
            )


class _Walk:
    """One call of a recurrent layer: `cell` from `states` on, past what `mask` excludes."""

    def __init__(self, layer: Recurrent, states: Any, mask: Any, training: bool) -> None:
        self.layer, self.cell, self.states, self.mask = layer, layer.cell, states, leaves(mask)[0]
        self.training = training
        # an output that is a state need not be carried too, unless a mask makes it zero
        zeroed = self.mask is not None and layer.zero_output_for_mask
        self.carries_output = zeroed or not getattr(self.cell, "shows_state", False)

    def along(self, sequences: Any) -> tuple[Any, Any]:
        """The output, of the last step or of all, and the last states."""
        layer, batch = self.layer, sequences.shape[0]
        self.drops = drawn(self.cell, batch, self.training)
        start = self.states
        if self.carries_output:
            start = [start, ops.zeros(output_shape_of(self.cell, batch), dtype=layer.compute_dtype)]
        along = (_swapped(sequences), None if self.mask is None else _swapped(ops.cast(self.mask, "bool")))
        if self._forgets(sequences.shape[1]):
            carry, outputs = walk_in_segments(self.scanned, start, along, layer.go_backwards)
        else:
            carry, outputs = self.scanned(start, along)
        states, last = carry if self.carries_output else (carry, self.cell.output_of(carry))
        if layer.return_sequences:
            # the first output is that of the first step that was taken
            last = _swapped(ops.flip(outputs, 0) if layer.go_backwards else outputs)
        return last, states

    def _forgets(self, steps: Any) -> bool:
        """Whether the layer was made in a scope that wants it to keep less."""
        scope = self.layer.remat_scope
        shape = output_shape_of(self.cell, None)
        return scope is not None and scope.covers(
            self.layer.name, [(steps, *shape) if self.layer.return_sequences else shape]
        )

    def scanned(self, start: Any, along: Any) -> Any:
        """The last carry and the outputs, along steps and what of them counts."""
        seen, counts = along
        steps = (projected(self.cell, seen, self.drops), counts)
        return ops.scan(self.step, start, steps, reverse=self.layer.go_backwards, unroll=self.layer.unroll or 1)

    def step(self, carry: Any, now: Any) -> tuple[Any, Any]:
        """One step of the scan."""
        value, counts = now
        old, before = carry if self.carries_output else (carry, self.cell.output_of(carry))
        output, new = advanced(self.cell, value, old, self.drops)
        new = filled(old, leaves(new))
        if counts is not None:
            output = _chosen(counts, output, ops.zeros_like(output) if self.layer.zero_output_for_mask else before)
            new = filled(old, [_chosen(counts, a, b) for a, b in zip(leaves(new), leaves(old), strict=True)])
        return [new, output] if self.carries_output else new, output if self.layer.return_sequences else None


def _swapped(x: Any) -> Any:
    """With the first two axes exchanged."""
    return ops.transpose(x, (1, 0, *range(2, len(x.shape))))


def _chosen(counts: Any, new: Any, old: Any) -> Any:
    """New values in rows that count, old ones in the others."""
    return ops.where(ops.reshape(counts, (*counts.shape[:1], *[1] * (len(new.shape) - 1))), new, old)


class OfCell(Recurrent):
    """Base of layers that make their cell themselves, from arguments of its own.

    A subclass names the class of the cell, the order of the arguments, and those that are the same for all its
    objects; bounds and defaults are the cell's.
    """

    cell_class: type[Layer]

    def __init_subclass__(cls, cell: type[Layer] | None = None, order: str = "", **fixed: Any) -> None:
        if cell is not None:
            cls.cell_class = cell
            cls.__init__ = _constructor(cell, order.split(), fixed)  # type: ignore[method-assign]
        super().__init_subclass__()

    def __getattr__(self, name: str) -> Any:
        # arguments of the cell are read as the layer's own
        if name in ("cell", "arguments") or name not in vars(self).get("arguments", ()):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self.cell, name)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {name: value for name, value in super().get_config().items() if name != "use_cudnn"}


def _cudnn(use_cudnn: Literal["auto", True, False] = "auto") -> None:
    """Taken for the sake of scripts: kernels for recurrence are the compiler's business."""


_LAYERS = {parameter.name for parameter in parameters_of(Layer)}


def _constructor(cell: Any, order: list[str], fixed: Mapping[str, Any]) -> Any:
    """An `__init__` that takes arguments of the cell and of the walk, in this order, and then the others."""
    inner = {p.name: p for p in parameters_of(cell) if p.name in order and p.name not in _LAYERS}
    outer = {p.name: p for p in (*parameters_of(Recurrent), *parameters_of(_cudnn))}
    found = {name: inner.get(name) or outer[name] for name in order}
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    listed = [inspect.Parameter("self", kind)]
    listed += [inspect.Parameter(p.name, kind, default=p.default, annotation=p.annotation) for p in found.values()]
    signature = inspect.Signature([*listed, inspect.Parameter("options", inspect.Parameter.VAR_KEYWORD)])

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        given = signature.bind(self, *args, **kwargs)
        given.apply_defaults()
        values = {**given.arguments, **given.arguments["options"]}
        outside = {name: values[name] for name in values if name not in (*inner, "self", "options", "use_cudnn")}
        Recurrent.__init__(self, **outside)
        own = {name: values[name] for name in inner}
        self.cell = cell(**fixed, **own, dtype=self.dtype_policy, trainable=self._trainable, name=snake(cell.__name__))

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    __init__.__annotations__ = {p.name: p.annotation for p in listed[1:]}
    return __init__
