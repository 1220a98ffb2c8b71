"""The base of layers: names, weights, building on first use, and what surrounds `call`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from kmagic import constraints, initializers, regularizers
from kmagic.base import policies
from kmagic.base.dtypes import is_float, standard
from kmagic.base.errors import BadType, BadValue, Busy, ShapeMismatch
from kmagic.base.parts import Part, snake
from kmagic.base.shapes import Extent, Shape, written
from kmagic.base.trees import leaves, mapped
from kmagic.graph.eager import origin
from kmagic.graph.immediate import apart
from kmagic.graph.load import ops
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.seed import SeedGenerator
from kmagic.graph.symbol import Symbol
from kmagic.graph.trace import not_tracing, tracing
from kmagic.graph.user_code import result_of, user_line
from kmagic.graph.variable import Variable, settle
from kmagic.layers import rematerialization, scope
from kmagic.layers.admission import check_axes, forgotten_base, named_in_errors
from kmagic.layers.building import KnownShape, built_shape, further_shapes, marking
from kmagic.layers.connection import Call, connect, is_connecting
from kmagic.layers.input_spec import check_inputs
from kmagic.layers.masks import masks_for, pass_masks
from kmagic.layers.precision import Precision


class Layer(Precision, Part):
    """Base class: make weights in `build(input_shape)`, compute in `call(inputs)`.

    `call` may also take `training` and `mask`. Weights come from `add_weight`; layers that are attributes are part of
    this one. `input_shape` or `input_dim` on the first layer of a Sequential says what comes in.
    """

    supports_masking = False
    takes_text = False
    input_spec: Any = None  # an InputSpec, or several: what inputs have to be
    makes_masks = False  # of its own: compute_mask is asked even if none comes in
    forgets_itself = False  # the layer, or layers inside, see to what is not kept for the backward pass
    left_behind: tuple[str, ...] = ("_built_input_shape", "_made_at", "_own_calls", "output_shape")
    trains_alone = False  # whether a call outside of a model, where nobody says, is one of training

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        input_dim: int | None = None,
        batch_size: int | None = None,
    ) -> None:
        self.name = scope.auto_name(snake(type(self).__name__)) if name is None else _checked_name(name)
        self.path = self.name
        self._made_at = user_line(with_text=False)
        self.dtype_policy = dtype
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.remat_scope = rematerialization.current()
        self.built = False
        self.batch_size = batch_size
        self.given_input_shape = (input_dim,) if input_dim is not None else _as_shape(input_shape)
        self._trainable = bool(trainable)
        self._own_weights: list[Variable] = []
        self._takes = tuple(inspect.signature(self.call).parameters)
        self._built_input_shape: Any = None
        self.output_shape: Any = None
        self._own_calls: list[Call] = []

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "compute_mask" in vars(cls):
            cls.makes_masks = True
            cls.supports_masking = vars(cls).get("supports_masking", True)
        if "build" in vars(cls):
            cls.build = marking(vars(cls)["build"])  # type: ignore[method-assign]

    def _check_made(self, error: AttributeError | None = None) -> None:
        if "_own_calls" not in vars(self) and (error is None or error.name in vars(Layer(name="any"))):
            raise forgotten_base(type(self).__name__) from error

    drops_masks = False  # takes them off the inputs themselves
    _opens_scope = True  # weights made in `build` are named after the layer
    _is_building = False

    # ---- to override ----

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape (None where it is not known)."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The output for these inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no call(inputs)")

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the output, where `supports_masking`; that of the input by default."""
        return previous_mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output, or of each, for inputs of this shape, or of a list of shapes."""
        outputs = self.compute_output_spec(placeholders(input_shape, self.input_dtype))
        return mapped(lambda leaf: known(leaf.shape), outputs)

    def compute_output_spec(self, inputs: Any) -> Any:
        """The output as a symbol; nothing is computed."""
        with tracing(), scope.training_as(scope.is_training()):
            return self(inputs)

    # ---- calling ----

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if is_connecting((inputs, args, kwargs)):
            return connect(self, (inputs, *args), kwargs, lambda: self._outputs(inputs, *args, **kwargs))
        return self._outputs(inputs, *args, **kwargs)

    def _outputs(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        with scope.training_as(self._training_of(args, kwargs)):
            return self._computed(inputs, *args, **kwargs)

    def _training_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """What a call says of `training`, which counts for the layers inside too, or else what is so around it."""
        given = dict(zip(self._takes[1:], args, strict=False)) | kwargs
        if "training" not in self._takes:
            kwargs.pop("training", None)
        told = given.get("training")
        return scope.is_training(self.trains_alone) if told is None else bool(told)

    def _computed(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        values = self.converted(inputs)
        args = tuple(mapped(self.cast_float, value) for value in args)
        kwargs = {name: mapped(self.cast_float, value) for name, value in kwargs.items()}
        if not scope.current_path():  # called by a step, and not by another layer
            scope.forget_losses(self._with_inner())
        with named_in_errors(self, values):
            if self.input_spec is not None:
                check_inputs(self.input_spec, values, self.name)
            self._ensure_built(values, args, kwargs)
        self._fill_in(args, kwargs, values)
        with scope.named(self.name), origin(layer=self.path, line=self._made_at), named_in_errors(self, values):
            with self.computing():
                outputs = rematerialization.call_layer(self, values, *args, **kwargs)
            if outputs is None:
                raise BadType(
                    f"{type(self).__name__}.call gives None", where=self.path, expected="a value; is `return` missing?"
                )
            for output in leaves(outputs) if self.activity_regularizer is not None else ():
                penalty = result_of(self.activity_regularizer, "regularizer", output)
                scope.add_loss(penalty / ops.cast(ops.shape(output)[0], penalty.dtype), self)
            outputs = pass_masks(self, values, outputs, kwargs.get("mask"))
        # where the layer was connected, that counts: a program is traced for data of one length
        if not self._own_calls and (
            self.output_shape is None or any(isinstance(leaf, Symbol) for leaf in leaves(outputs))
        ):
            self.output_shape = mapped(lambda leaf: built_shape(leaf) if hasattr(leaf, "shape") else None, outputs)
        return outputs

    def _ensure_built(self, inputs: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        if self.built:
            check_axes(self, inputs)
        else:
            self.path = f"{scope.current_path()}/{self.name}".lstrip("/")
            with not_tracing():
                self._built_input_shape = mapped(built_shape, inputs)
                self._build_on_call(self._built_input_shape, further_shapes(self.build, self._takes, args, kwargs))
                self.built = True

    def _build_on_call(self, input_shape: Any, further: Mapping[str, Any]) -> None:
        self.build(input_shape, **further)

    def _fill_in(self, args: tuple[Any, ...], kwargs: dict[str, Any], inputs: Any) -> None:
        """Pass `training` and masks to a `call` that takes them."""
        if "training" in self._takes[1 + len(args) :] and kwargs.get("training") is None:
            kwargs["training"] = scope.is_training()
        given = {**dict(zip(self._takes, (inputs, *args), strict=False)), **kwargs}
        kwargs |= masks_for(self._takes, given)

    def stateless_call(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The output where variables have these values, and the values of those that are not trained after the call.

        Nothing is changed. Returns `(outputs, non_trainable_variables)`, and with `return_losses` also the losses that
        were added, and penalties of weights.
        """
        if not self.built:
            raise BadValue(
                "the layer is not built", where=f"{self.name}.stateless_call", expected="an input shape or a first call"
            )
        trained, others = self.trainable_variables, self.non_trainable_variables
        for title, own, given in (
            ("trainable_variables", trained, trainable_variables),
            ("non_trainable_variables", others, non_trainable_variables),
        ):
            if len(own) != len(given):
                raise BadValue(
                    f"Argument `{title}` has {len(given)} values",
                    where=f"{self.name}.stateless_call",
                    expected=f"one for each of the {len(own)} variables",
                )

        def called() -> Any:
            with scope.collecting_losses():
                outputs = self(*args, **kwargs)
                found = (outputs, [variable.value for variable in others])
                return (*found, self.losses) if return_losses else found

        return apart([*trained, *others], [*trainable_variables, *non_trainable_variables], called)

    @property
    def input(self) -> Any:
        """What the layer was first called on, as symbols."""
        return self._first_call().args[0]

    @property
    def output(self) -> Any:
        """What its first call gave, as symbols."""
        return self._first_call().outputs

    def _first_call(self) -> Call:
        if not self._own_calls:
            raise BadValue(
                "the layer was not called on a symbol",
                where=self.name,
                expected="a layer of a model whose input shape is known",
            )
        return self._own_calls[0]

    # ---- weights ----

    def add_weight(
        self,
        shape: Sequence[int] | int | None = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new weight; floats start as 'glorot_uniform', others as zeros, unless an initializer says otherwise.

        With autocast=False it comes in its own dtype where the layer computes in another one.
        """
        kind = standard(dtype or self.variable_dtype)
        size = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        start = initializers.get(initializer or ("glorot_uniform" if is_float(kind) else "zeros"))
        title = name or "variable"
        path = f"{scope.current_path() or self.path}/{title}"
        with not_tracing():
            variable = Variable(start, size, kind, trainable, title, path, autocast)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._own_weights.append(variable)
        return variable

    def suits(self, input_shape: KnownShape) -> bool:
        """Whether the weights, as far as there are any, were made for inputs of this shape."""
        was = self._built_input_shape
        if not self.built or not self.weights or not isinstance(was, tuple):
            return True
        return tuple(was[1:]) == tuple(input_shape[1:])

    def unbuild(self) -> None:
        """Forget the weights, so that the next call makes new ones for what it is given."""
        self._own_weights = []
        self._built_input_shape = None
        self.built = False

    def _layers(self) -> Iterator[Layer]:
        """Layers that are attributes of this one, also inside lists and dictionaries, each once, in order."""
        yield from attributes_of(self, Layer)

    def _with_inner(self) -> Iterator[Layer]:
        """This layer, and all within it."""
        yield self
        for layer in self._layers():
            yield from layer._with_inner()

    def _variables(self) -> list[Variable]:
        """The layer's own variables: those of `add_weight`, and those that are attributes."""
        return _unique([*self._own_weights, *attributes_of(self, Variable)])

    @property
    def weights(self) -> list[Variable]:
        """All weights: the layer's own, those made to be trained first, then those of layers inside."""
        own = sorted(self._variables(), key=lambda variable: not variable.trainable)
        return _unique([*own, *(v for layer in self._layers() for v in layer.weights)])

    @property
    def variables(self) -> list[Variable]:
        """All weights and the state of random generators."""
        seeds = (generator.state for generator in attributes_of(self, SeedGenerator))
        return _unique([*self._variables(), *seeds, *(v for layer in self._layers() for v in layer.variables)])

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        if not self.trainable:
            return []
        own = [variable for variable in self._variables() if variable.trainable]
        return _unique([*own, *(v for layer in self._layers() for v in layer.trainable_weights)])

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves alone."""
        changed = {id(variable) for variable in self.trainable_weights}
        every = [*self._variables(), *(v for layer in self._layers() for v in layer.weights)]
        return [variable for variable in _unique(every) if id(variable) not in changed]

    trainable_variables = trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """What training leaves alone, with the state of random generators."""
        changed = {id(variable) for variable in self.trainable_variables}
        return [variable for variable in self.variables if id(variable) not in changed]

    @property
    def trainable(self) -> bool:
        """Whether training changes this layer; setting it counts for the layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if any(variable.busy for variable in self.variables):
            raise Busy("trainable is set while training", where=self.path, expected="a finished run")
        self._trainable = bool(value)
        for layer in self._layers():
            layer.trainable = value

    @property
    def losses(self) -> list[Any]:
        """What this layer and those inside have added in their last call, and the penalties of regularizers, now."""
        penalties = [
            result_of(v.regularizer, "regularizer", v.value)
            for v in self.trainable_weights
            if v.regularizer is not None
        ]
        return [*scope.added_losses(self._with_inner()), *penalties]

    def add_loss(self, loss: Any) -> None:
        """Add a term to the loss of the step that this call belongs to."""
        scope.add_loss(loss, self)

    def get_weights(self) -> list[Any]:
        """Copies of all weights; waits for a run in the background."""
        settle(self.weights)
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace all weights; shapes must agree; waits for a run in the background."""
        own = self.weights
        settle(own)
        if len(weights) != len(own):
            raise BadValue(f"{len(weights)} arrays", where=self.path, expected=f"{len(own)}: one for each weight")
        for variable, value in zip(own, weights, strict=True):
            if np.shape(value) != variable.shape:
                raise ShapeMismatch(
                    f"weight of shape {written(np.shape(value))}",
                    where=variable.path,
                    expected=written(variable.shape, variable.dtype),
                )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """The number of weights."""
        if not self.built:
            raise BadValue("the layer is not built", where=self.name, expected="an input shape or a first call")
        return sum(variable.size for variable in self.weights)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        config = {"name": self.name, "trainable": self.trainable, "dtype": policies.described(self.dtype_policy)}
        rest = super().get_config()
        for hidden in ("autocast", "input_shape", "input_dim", "batch_size", "activity_regularizer"):
            if self.arguments.get(hidden) is None or self.arguments[hidden] is True:
                rest.pop(hidden, None)
        return {**config, **{name: value for name, value in rest.items() if name not in config}}

    def get_build_config(self) -> dict[str, Any] | None:
        """The input shape that the weights were made for; None before."""
        shape = self._built_input_shape
        return {"input_shape": list(shape) if isinstance(shape, tuple) else shape} if shape is not None else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


Found = TypeVar("Found")
_PLAIN = frozenset((int, float, str, bool, type(None)))


def attributes_of(owner: Any, kind: type[Found] | tuple[type[Found], ...]) -> Iterator[Found]:
    """Attributes of a kind, also inside lists, tuples and dictionaries, each once, in the order they were set."""
    seen: set[int] = set()
    # `arguments` holds what the constructor was given, which may be gone since
    waiting: list[Any] = [value for name, value in vars(owner).items() if name != "arguments"]
    waiting.reverse()
    while waiting:
        item = waiting.pop()
        if type(item) in _PLAIN:
            continue
        if isinstance(item, kind):
            if id(item) not in seen:
                seen.add(id(item))
                yield item
        elif isinstance(item, list | tuple):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            waiting.extend(reversed(item.values()))


def placeholder(shape: Any, dtype: str, label: str = "x") -> Symbol:
    """A symbol for inputs of a shape whose unknown axes are None."""
    return input_symbol(named_axes(shape), dtype, label)


def placeholders(shape: Any, dtype: str) -> Any:
    """Symbols for inputs of a shape, or of several in a list or a dictionary."""
    if isinstance(shape, dict):
        return {key: placeholders(item, dtype) for key, item in shape.items()}
    if shape and isinstance(shape[0], list | tuple | dict):
        return [placeholders(item, dtype) for item in shape]
    return placeholder(shape, dtype)


def named_axes(shape: Any, prefix: str = "n") -> Shape:
    """A shape with an extent for each None; the first unknown one is the batch."""
    names = iter(("batch", *(f"{prefix}{i}" for i in range(1, 10))))
    return tuple(Extent.named(next(names)) if axis is None else int(axis) for axis in shape)


def known(shape: Shape) -> KnownShape:
    """A shape with None for what run time decides."""
    return tuple(axis if isinstance(axis, int) else None for axis in shape)


def _as_shape(shape: Any) -> KnownShape | None:
    if shape is None:
        return None
    return (int(shape),) if isinstance(shape, int | np.integer) else tuple(shape)


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not name or "/" in name:
        raise BadType(f"name is {name!r}", where="layer", expected="text without '/'")
    return name


def _unique(variables: Sequence[Variable]) -> list[Variable]:
    return list({id(variable): variable for variable in variables}.values())
