from collections.abc import Iterator, Sequence
from typing import Any, Self

from kmagic.base.errors import BadType
from kmagic.base.parameters import Count, Positive
from kmagic.graph.load import ops
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.sgd import SGD  # noqa: F401 - for the example


@registry.register(name="lossscaleoptimizer")
class LossScaleOptimizer(Optimizer):
    """Another optimizer on a loss that is multiplied by a large number, so that small gradients survive in float16.

    Formula: g ← g / s, then the inner optimizer; where g is not finite there is no update and s ← s / 2; after n
    finite updates in a row s ← 2·s

    Symbols: g: gradient of the scaled loss, s: dynamic_scale, from initial_scale, n: dynamic_growth_steps

    Example:

    >>> import numpy as np
    >>> w = Variable(np.array([1.0]))
    >>> optimizer = LossScaleOptimizer(SGD(learning_rate=0.1), initial_scale=8.0)
    >>> optimizer.apply([np.array([4.0])], [w])
    >>> optimizer.apply([np.array([np.inf])], [w])
    >>> round(float(w.numpy()[0]), 3), float(optimizer.dynamic_scale.numpy())
    (0.95, 4.0)

    Source: P. Micikevicius et al., ICLR 2018, section 3.2
    """

    skips_nonfinite = True

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: Positive = 32768.0,
        dynamic_growth_steps: Count = 2000,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = registry.get(inner_optimizer)
        self.initial_scale, self.dynamic_growth_steps = initial_scale, dynamic_growth_steps
        if not isinstance(self.inner_optimizer, Optimizer):
            raise BadType(
                f"inner_optimizer is {inner_optimizer!r}", where=type(self).__name__, expected="an optimizer object"
            )
        # gradients would be divided twice
        self.inner_optimizer.loss_scale_factor = None

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state: scale, number of finite updates, and that of the inner optimizer."""
        self.step_counter = self.add_variable((), dtype="int32", name="step_counter")
        self.dynamic_scale = self.add_variable((), self.initial_scale, "float32", name="dynamic_scale")
        self.inner_optimizer.build(variables)
        super().build(variables)

    def parts(self) -> Iterator[Any]:
        """This optimizer and the inner one."""
        yield self
        yield from self.inner_optimizer.parts()

    @property
    def variables(self) -> list[Variable]:
        """Own state, then that of the inner optimizer."""
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's learning rate."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        """How many updates the inner optimizer made."""
        return self.inner_optimizer.iterations

    def scale_loss(self, loss: Any) -> Any:
        """The loss as gradients are taken of it."""
        return loss * (ops.cast(self.dynamic_scale.value, loss.dtype) if self.built else self.initial_scale)

    def _apply(self, grads: list[Any], variables: list[Variable]) -> None:
        scale, count = self.dynamic_scale, self.step_counter

        def update() -> None:
            self.inner_optimizer.apply([g / ops.cast(scale.value, g.dtype) for g in grads], variables)
            is_due = ops.equal(count, self.dynamic_growth_steps - 1)
            scale.assign(scale * ops.where(is_due, 2.0, 1.0))
            count.assign(ops.where(is_due, 0, count + 1))

        def skip() -> None:
            scale.assign(scale * 0.5)
            count.assign(ops.zeros_like(count.value))

        ops.cond(self.check_finite(grads), update, skip)

    def check_finite(self, grads: Sequence[Any]) -> Any:
        """Whether all gradients are finite."""
        known = [ops.all(ops.isfinite(gradient)) for gradient in grads if gradient is not None]
        return ops.all(ops.stack(known))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """What the inner optimizer does at the end of training."""
        self.inner_optimizer.finalize_variable_values(var_list)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The optimizer that `get_config` described."""
        inner = registry.deserialize(config["inner_optimizer"], custom_objects)
        return cls(**(config | {"inner_optimizer": inner}))
