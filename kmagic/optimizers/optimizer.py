"""The base of optimizers: everything around the rule of one variable.

One `apply` does, in this order: undo the loss scale, accumulate, clip, decay the weights, `update_step` for each
variable, average them (EMA), constrain them, count. It is ordinary code on variables: run at once it changes them,
traced it becomes part of the program.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.errors import BadType, BadValue, Busy
from kmagic.base.parameters import NonNegative, Positive
from kmagic.base.parts import Part, snake
from kmagic.graph.eager import origin
from kmagic.graph.load import ops
from kmagic.graph.trace import not_tracing
from kmagic.graph.variable import Variable


class Optimizer(Part):
    """Base class: override `update_step(gradient, variable, learning_rate)`, and `build` for state.

    `weight_decay` shrinks weights before each step; of `clipnorm` (each gradient's norm), `global_clipnorm` (the norm
    of all) and `clipvalue` (each element) at most one may be set; `use_ema` keeps a moving average of the weights.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: NonNegative | None = None,
        clipnorm: Positive | None = None,
        clipvalue: Positive | None = None,
        global_clipnorm: Positive | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        self.name = name or snake(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum, self.ema_overwrite_frequency = use_ema, ema_momentum, ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._check_options()
        self.built = False
        self.variables: list[Variable] = []
        self._trainable_variables: list[Variable] = []
        self._not_decayed: list[str | Variable] = []
        self._iterations = self.add_variable((), dtype="int32", name="iteration")
        _check_rate(learning_rate, type(self).__name__)
        self._learning_rate = self.add_variable((), initializer=float(learning_rate), name="learning_rate")

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

    def add_variable(
        self, shape: Sequence[int], initializer: Any = 0.0, dtype: Any = None, name: str | None = None
    ) -> Variable:
        """A new variable of the state."""
        with not_tracing():
            value = np.full(tuple(shape), initializer, dtype or floatx())
            variable = Variable(value, trainable=False, name=name, path=f"{self.name}/{name or 'variable'}")
        self.variables.append(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = 0.0
    ) -> Variable:
        """A new variable of the shape and dtype of another, named after it."""
        stem = reference_variable.path.replace("/", "_")
        return self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, f"{stem}_{name}")

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state for these variables; subclasses add theirs after calling this."""
        self._trainable_variables = list(variables)
        if self.use_ema:
            self._averages = [self.add_variable_from_reference(v, "average", v.numpy()) for v in variables]
        if self.gradient_accumulation_steps:
            self._accumulated = [self.add_variable_from_reference(v, "gradient_accumulator") for v in variables]
        self.built = True

    def slots(self, variables: Sequence[Variable], name: str, initializer: Any = 0.0) -> list[Variable]:
        """One variable of the state for each variable."""
        return [self.add_variable_from_reference(v, name, initializer) for v in variables]

    def index(self, variable: Variable) -> int:
        """Which of the built variables this is."""
        for number, known in enumerate(self._trainable_variables):
            if known is variable:
                return number
        raise BadValue(
            f"Unknown variable {variable.path!r}",
            where=type(self).__name__,
            expected="a variable that this optimizer was built with",
            fix="a new optimizer for this model",
        )

    @property
    def iterations(self) -> Any:
        """How many updates were made."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    @property
    def learning_rate(self) -> Any:
        """The learning rate; setting it takes effect with the next step, also while training."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        _check_rate(value, type(self).__name__)
        self._learning_rate.assign(np.asarray(value, self._learning_rate.dtype))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, with the learning rate as it is now."""
        config = super().get_config()
        config["learning_rate"] = float(self._learning_rate.array)
        return config

    # ---- one update ----

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Any:
        """Update variables by pairs of gradient and variable; returns the counter."""
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)
        return self._iterations

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Update the variables once by their gradients."""
        grads = list(grads)
        if not grads:
            return
        variables = self._targets(grads, trainable_variables)
        known = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
        if not known:
            raise BadValue("no gradients", where=type(self).__name__, expected="a loss that depends on a variable")
        if len(known) < len(grads):
            missing = next(v for g, v in zip(grads, variables, strict=True) if g is None)
            warnings.warn(f"no gradient for {missing.path}; it is not updated", stacklevel=2)
        with origin(layer="optimizer", phase="update"):
            self._apply([g for g, _ in known], [v for _, v in known])

    def _targets(self, grads: Sequence[Any], variables: Sequence[Variable] | None) -> list[Variable]:
        if variables is None:
            if not self.built:
                raise BadValue("no variables", where=type(self).__name__, expected="apply(grads, variables)")
            variables = self._trainable_variables
        if not self.built:
            with not_tracing():
                self.build(list(variables))
        if len(grads) != len(variables):
            raise BadValue(f"{len(grads)} gradients for {len(variables)} variables", where=type(self).__name__)
        for variable in variables:
            self.index(variable)
        return list(variables)

    def _apply(self, grads: list[Any], variables: list[Variable]) -> None:
        if self.loss_scale_factor:
            grads = [g / self.loss_scale_factor for g in grads]
        steps = self.gradient_accumulation_steps
        if steps:
            self._accumulate(grads, variables, steps)
        else:
            self._update(grads, variables)
        self._iterations.assign_add(1)

    def _accumulate(self, grads: list[Any], variables: list[Variable], steps: int) -> None:
        """Collect gradients; every `steps` calls update by their mean."""
        kept = [self._accumulated[self.index(v)] for v in variables]

        def update() -> None:
            self._update([(a + g) / steps for a, g in zip(kept, grads, strict=True)], variables)
            for a in kept:
                a.assign(ops.zeros_like(a.value))

        def collect() -> None:
            for a, g in zip(kept, grads, strict=True):
                a.assign(a + g)

        ops.cond(ops.equal((self._iterations + 1) % steps, 0), update, collect)

    def _update(self, grads: list[Any], variables: list[Variable]) -> None:
        rate = ops.cast(self._learning_rate.value, variables[0].dtype)
        grads = self._clip_gradients(grads)
        self._decay(variables, rate)
        self.before_step()
        for gradient, variable in zip(grads, variables, strict=True):
            self.update_step(gradient, variable, rate)
        if self.use_ema:
            self._average(variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))

    def before_step(self) -> None:
        """What is done once for each update, before the variables."""

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """The rule: assign the variable and its state."""
        raise NotImplementedError(f"{type(self).__name__} has no update_step")

    def step(self, dtype: str) -> Any:
        """The number of this update, from 1, as a float."""
        return ops.cast(self.iterations + 1, dtype)

    def _clip_gradients(self, grads: list[Any]) -> list[Any]:
        if self.clipnorm:
            return [_clipped(g, ops.norm(g), self.clipnorm) for g in grads]
        if self.clipvalue:
            return [ops.clip(g, -self.clipvalue, self.clipvalue) for g in grads]
        if self.global_clipnorm:
            squares = [ops.sum(ops.square(g)) for g in grads]
            norm = ops.sqrt(sum(squares[1:], squares[0]))
            return [_clipped(g, norm, self.global_clipnorm) for g in grads]
        return grads

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Weights that are not decayed: variables, or patterns of their paths; before the first step."""
        if self.built:
            raise Busy("the optimizer is built", where=type(self).__name__, expected="excluding before the first step")
        self._not_decayed = [*(var_list or ()), *(var_names or ())]

    def _decay(self, variables: Sequence[Variable], rate: Any) -> None:
        if self.weight_decay:
            for variable in variables:
                if not self._is_excluded(variable):
                    variable.assign(variable - variable * self.weight_decay * rate)

    def _is_excluded(self, variable: Variable) -> bool:
        return any(
            variable is item if isinstance(item, Variable) else re.search(item, variable.path) is not None
            for item in self._not_decayed
        )

    def _average(self, variables: Sequence[Variable]) -> None:
        """Move the averages towards the weights; the first step sets them."""
        first = ops.equal(self.iterations, 0)
        momentum = ops.where(first, 0.0, self.ema_momentum)
        for variable in variables:
            average = self._averages[self.index(variable)]
            m = ops.cast(momentum, variable.dtype)
            average.assign(m * average + (1 - m) * variable)
        if self.ema_overwrite_frequency:
            due = ops.equal((self.iterations + 1) % self.ema_overwrite_frequency, 0)
            for variable in variables:
                variable.assign(ops.where(due, self._averages[self.index(variable)].value, variable.value))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """At the end of training the averages, if kept, become the weights."""
        if self.use_ema and self.built:
            for variable in var_list:
                variable.assign(self._averages[self.index(variable)].numpy())

    def scale_loss(self, loss: Any) -> Any:
        """The loss as gradients are taken of it."""
        return loss * self.loss_scale_factor if self.loss_scale_factor else loss

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[Any], list[Any]]:
        """New values of weights and state, given the old ones; nothing is changed."""
        own = [*self._trainable_variables, *self.variables]
        kept = [variable.numpy() for variable in own]
        try:
            for variable, value in zip(own, [*trainable_variables, *optimizer_variables], strict=True):
                variable.assign(value)
            self.apply(grads, self._trainable_variables)
            return [v.numpy() for v in self._trainable_variables], [v.numpy() for v in self.variables]
        finally:
            for variable, value in zip(own, kept, strict=True):
                variable.assign(value)


def _clipped(gradient: Any, norm: Any, limit: float) -> Any:
    return gradient * (limit / ops.maximum(norm, limit))


def _check_rate(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, float | np.floating):
        raise BadType(
            f"learning_rate is {value!r}",
            where=where,
            expected="a float",
            fix=f"learning_rate={float(value)!r}" if isinstance(value, int) else "learning_rate=0.001",
        )
    if not np.isfinite(value) or value < 0:
        raise BadValue(f"learning_rate is {value!r}", where=where, expected="a finite number >= 0")
