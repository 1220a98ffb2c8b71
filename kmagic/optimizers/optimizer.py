"""The base of optimizers: everything around the rule of one variable.

One `apply` does, in this order: undo the loss scale, accumulate, clip, decay the weights, `update_step` for each
variable, average them (EMA), constrain them, count. It is ordinary code on variables: run at once it changes them,
traced it becomes part of the program.
"""

from __future__ import annotations

import functools
import re
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np

from kmagic.base.errors import BadType, BadValue, Busy, unknown_argument
from kmagic.base.parameters import NonNegative, Positive, parameters_of
from kmagic.base.parts import snake
from kmagic.graph import trace
from kmagic.graph.eager import current_origin, origin
from kmagic.graph.immediate import apart
from kmagic.graph.load import ops
from kmagic.graph.user_code import result_of
from kmagic.graph.variable import Variable
from kmagic.optimizers import clipping, rate
from kmagic.optimizers.rate import LearningRate
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from kmagic.optimizers.state import State


class Optimizer(State):
    """Base class: override `update_step(gradient, variable, learning_rate)`, and `build` for state.

    `weight_decay` shrinks weights before each step; of `clipnorm` (each gradient's norm), `global_clipnorm` (the norm
    of all) and `clipvalue` (each element) at most one may be set; `use_ema` keeps a moving average of the weights.
    """

    # whether updates with NaN or infinity in the gradients are left out, instead of ending the training
    skips_nonfinite = False
    # the smallest and largest learning rate that people use it with; None where nobody knows
    usual_rates: tuple[float, float] | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "build" in vars(cls):
            cls.build = _once(vars(cls)["build"])  # type: ignore[method-assign]

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: NonNegative | None = None,
        clipnorm: Positive | None = None,
        clipvalue: Positive | None = None,
        global_clipnorm: Positive | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: Positive | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **old: Any,
    ) -> None:
        super().__init__()
        self._refuse_unknown(old)
        self.name = name or snake(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._check_options()
        self.built = False
        self._trainable_variables: list[Variable] = []
        self._trainable_variables_indices: dict[Variable, int] = {}
        self._not_decayed: tuple[Variable, ...] = ()
        self._not_decayed_pattern = ""
        self._iterations = self.add_variable((), dtype="int32", name="iteration")
        rate.check(learning_rate, type(self).__name__)
        is_computed = rate.is_computed(learning_rate)
        self._learning_rate: Any = (
            learning_rate if is_computed else self.add_variable((), learning_rate, name="learning_rate")
        )

    def _refuse_unknown(self, given: dict[str, Any]) -> None:
        self.ignored_decay = given.pop("decay", None)
        if self.ignored_decay is not None:
            warnings.warn("Argument `decay` is no longer supported and will be ignored", stacklevel=4)
        self.arguments.pop("decay", None)
        kind: Any = type(self)
        for name in given:
            error = unknown_argument(name, [p.name for p in parameters_of(kind)], kind.__name__)
            error.fix = "did you mean learning_rate=?" if name == "lr" else error.fix
            raise error

    def _check_options(self) -> None:
        clippings = ("clipnorm", "clipvalue", "global_clipnorm")
        given = [name for name in clippings if getattr(self, name) is not None]
        if len(given) > 1:
            raise BadValue(
                f"{' and '.join(given)} are both set", where=type(self).__name__, expected="at most one of them"
            )
        if self.use_ema and not 0 <= self.ema_momentum <= 1:
            raise BadValue(
                f"ema_momentum is {self.ema_momentum}", where=type(self).__name__, expected="a number from 0 to 1"
            )
        for name, least in (("ema_overwrite_frequency", 1), ("gradient_accumulation_steps", 2)):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < least):
                raise BadValue(f"{name} is {value!r}", where=type(self).__name__, expected=f"a whole number >= {least}")

    # ---- state ----

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state for these variables, once; subclasses add theirs after calling this."""
        self._trainable_variables = list(variables)
        self._trainable_variables_indices = {variable: number for number, variable in enumerate(variables)}
        if self.use_ema:
            # from the weights and not from zero: training that ends before its first step leaves them as they are
            self._model_variables_moving_average = [
                self.add_variable_from_reference(v, "average", v.numpy()) for v in variables
            ]
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(variables, "gradient_accumulator")
        self.built = True

    def suits(self, variables: Sequence[Variable]) -> bool:
        """Whether these are the variables that the state was made for, as far as it was."""
        return not self.built or set(map(id, self._trainable_variables)) == set(map(id, variables))

    def _get_variable_index(self, variable: Variable) -> int:
        """Which of the built variables this is."""
        if variable not in self._trainable_variables_indices:
            raise BadValue(
                f"Unknown variable {variable.path!r}",
                where=type(self).__name__,
                expected="a variable that this optimizer was built with",
                fix="a new optimizer for this model",
            )
        return self._trainable_variables_indices[variable]

    def parts(self) -> Iterator[Any]:
        """This optimizer and what it is made of: everything whose attributes a program depends on."""
        yield self
        if isinstance(self._learning_rate, LearningRateSchedule):
            yield self._learning_rate

    @property
    def iterations(self) -> Any:
        """How many updates were made."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    @property
    def learning_rate(self) -> Any:
        """The learning rate now; setting it takes effect with the next step, also while training.

        A schedule counts every call of `apply`, also those that only accumulate gradients.
        """
        return rate.now(self._learning_rate, self._iterations)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        where = type(self).__name__
        if rate.is_computed(value):
            if isinstance(self._learning_rate, Variable):
                self._untrack_variable(self._learning_rate)
            self._learning_rate = value
        elif rate.is_computed(self._learning_rate):
            raise BadType(
                f"learning_rate is computed by {self._learning_rate!r}, hence not settable",
                where=where,
                expected="another schedule, or an optimizer that was made with a number",
                fix=f"{where}(learning_rate={value!r})",
            )
        else:
            value = float(value) if isinstance(value, np.ndarray) and value.ndim == 0 else value
            rate.check(value, where)
            self._learning_rate.assign(np.asarray(value, self._learning_rate.dtype))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, with the learning rate as it is now; functions stay functions."""
        config = super().get_config()
        config |= {name: value for name, value in self.arguments.items() if isinstance(value, types.FunctionType)}
        return config | ({"learning_rate": rate.described(self._learning_rate)} if "learning_rate" in config else {})

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The optimizer that `get_config` described."""
        if "learning_rate" in config:
            config = config | {"learning_rate": rate.read(config["learning_rate"], custom_objects)}
        return cls(**config)

    # ---- one update ----

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Any:
        """Update variables by pairs of gradient and variable; returns the counter."""
        pairs = list(grads_and_vars)
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
        return self._iterations

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Update the variables once by their gradients."""
        grads = list(grads)
        if not grads:
            return
        variables = self._targets(grads, trainable_variables)
        known = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
        if not known:
            raise BadValue(
                "No gradients provided for any variable",
                where=type(self).__name__,
                expected="a loss that depends on a variable",
            )
        if len(known) < len(grads):
            missing = next(v for g, v in zip(grads, variables, strict=True) if g is None)
            warnings.warn(f"no gradient for {missing.path}; it is not updated", stacklevel=2)
        self._check_finite([g for g, _ in known])
        with origin(layer="optimizer", phase="update"):
            self._apply([g for g, _ in known], [v for _, v in known])

    def _check_finite(self, grads: Sequence[Any]) -> None:
        """In a program, let the whole step change nothing unless gradients are finite."""
        current = trace.current()
        # the optimizer around this one, if there is one, has looked at them
        if current and not self.skips_nonfinite and current_origin().phase != "update":
            for gradient in grads:
                current.check(gradient)

    def _targets(self, grads: Sequence[Any], variables: Sequence[Variable] | None) -> list[Variable]:
        if variables is None:
            if not self.built:
                raise BadValue("no variables", where=type(self).__name__, expected="apply(grads, variables)")
            variables = self._trainable_variables
        if not self.built:
            self.build(list(variables))
        if len(grads) != len(variables):
            raise BadValue(f"{len(grads)} gradients for {len(variables)} variables", where=type(self).__name__)
        for variable in variables:
            self._get_variable_index(variable)
        return list(variables)

    def _apply(self, grads: list[Any], variables: list[Variable]) -> None:
        if self.loss_scale_factor is not None:
            grads = [g / self.loss_scale_factor for g in grads]
        if self.gradient_accumulation_steps:
            self._accumulate(grads, variables, self.gradient_accumulation_steps)
        else:
            self._update(grads, variables)
        if self.use_ema:
            self._update_model_variables_moving_average(self._trainable_variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(result_of(variable.constraint, "constraint", variable.value))
        self._iterations.assign_add(1)

    def _accumulate(self, grads: list[Any], variables: list[Variable], steps: int) -> None:
        """Collect gradients; every `steps` calls update by their mean."""
        kept = [self._accumulated_gradients[self._get_variable_index(v)] for v in variables]

        def update() -> None:
            self._update([(a + g) / steps for a, g in zip(kept, grads, strict=True)], variables)
            for a in kept:
                a.assign(ops.zeros_like(a.value))

        def collect() -> None:
            for a, g in zip(kept, grads, strict=True):
                a.assign(a + g)

        ops.cond(ops.equal((self._iterations + 1) % steps, 0), update, collect)

    def _update(self, grads: list[Any], variables: list[Variable]) -> None:
        grads = self._clip_gradients(grads)
        self._apply_weight_decay(variables)
        self.before_step()
        learning_rate = self.learning_rate
        for gradient, variable in zip(grads, variables, strict=True):
            dtype = variable.dtype
            self.update_step(ops.cast(gradient, dtype), variable, ops.cast(learning_rate, dtype))

    def before_step(self) -> None:
        """What is done once for each update, before the variables."""

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """The rule: assign the variable and its state; gradient and learning rate come in the variable's dtype."""
        raise NotImplementedError(f"{type(self).__name__} has no update_step")

    def step(self, dtype: str) -> Any:
        """The number of this update, from 1, as a float."""
        return ops.cast(self.iterations + 1, dtype)

    def _clip_gradients(self, grads: list[Any]) -> list[Any]:
        if self.clipnorm:
            return clipping.by_norm(grads, self.clipnorm)
        if self.global_clipnorm:
            return clipping.by_global_norm(grads, self.global_clipnorm)
        return clipping.by_value(grads, self.clipvalue) if self.clipvalue else grads

    # ---- weight decay ----

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Weights that are not decayed: variables, or patterns found in their names; before the first step."""
        if self.built:
            raise Busy("the optimizer is built", where=type(self).__name__, expected="excluding before the first step")
        self._not_decayed = tuple(var_list or ())
        self._not_decayed_pattern = "|".join(var_names or ())

    def _use_weight_decay(self, variable: Variable) -> bool:
        """Whether a weight decays."""
        if any(variable is item for item in self._not_decayed):
            return False
        return not self._not_decayed_pattern or re.search(self._not_decayed_pattern, variable.name) is None

    def _apply_weight_decay(self, variables: Sequence[Variable]) -> None:
        for variable in variables:
            if self._use_weight_decay(variable):
                self._decay(variable, self.weight_decay)

    def _decay(self, variable: Variable, strength: float | None) -> None:
        """Shrink a weight, by a strength that None turns off."""
        if strength:
            variable.assign(variable - variable * strength * ops.cast(self.learning_rate, variable.dtype))

    # ---- averages ----

    def _update_model_variables_moving_average(self, trainable_variables: Sequence[Variable]) -> None:
        """Move the averages towards the weights, the first time all the way; write them back where that is due."""
        later = ops.not_equal(self.iterations, 0)
        averages = [self._model_variables_moving_average[self._get_variable_index(v)] for v in trainable_variables]
        for variable, average in zip(trainable_variables, averages, strict=True):
            m = ops.cast(later, variable.dtype) * self.ema_momentum
            average.assign(m * average + (1 - m) * variable)
        if self.ema_overwrite_frequency:
            due = ops.equal((self.iterations + 1) % self.ema_overwrite_frequency, 0)
            for variable, average in zip(trainable_variables, averages, strict=True):
                variable.assign(ops.where(due, average.value, variable.value))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training the averages, if kept, become the weights."""
        if self.use_ema and self.built:
            for variable in var_list:
                variable.assign(self._model_variables_moving_average[self._get_variable_index(variable)].numpy())

    # ---- around ----

    def scale_loss(self, loss: Any) -> Any:
        """The loss as gradients are taken of it."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[Any], list[Any]]:
        """New values of weights and state, given the old ones; nothing is changed."""
        own, weights = self.variables, self._trainable_variables
        if not self.built:
            raise BadValue(
                "stateless_apply() before the optimizer is built", where=type(self).__name__, fix="optimizer.build(…)"
            )
        for found, expected in ((optimizer_variables, own), (trainable_variables, weights)):
            if len(found) != len(expected):
                raise BadValue(f"{len(found)} values for {len(expected)} variables", where="stateless_apply")
        given = [*trainable_variables, *optimizer_variables]

        def updated() -> list[Any]:
            self.apply(grads, weights)
            return [variable.value for variable in (*weights, *own)]

        values = apart([*weights, *own], given, updated)
        return values[: len(weights)], values[len(weights) :]


def _once(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` that does nothing the second time, and that may be called while a program is traced."""

    @functools.wraps(build)
    def guarded(self: Optimizer, *args: Any, **kwargs: Any) -> None:
        if not self.built:
            with trace.not_tracing():
                build(self, *args, **kwargs)

    return guarded
