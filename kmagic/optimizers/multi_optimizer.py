from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, Self

from kmagic.base.errors import BadValue
from kmagic.base.parameters import Positive
from kmagic.graph.variable import Variable
from kmagic.optimizers import registry
from kmagic.optimizers.adam import Adam  # noqa: F401 - for the example
from kmagic.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.optimizer_map import OptimizerMap
from kmagic.optimizers.sgd import SGD  # noqa: F401 - for the example


@registry.register(name="multioptimizer")
class MultiOptimizer(Optimizer):
    """Several optimizers for one model, each with weights of its own.

    Formula: w ← the update of the optimizer that optimizer_map has for the path of w

    Symbols: w: weight

    Example:

    >>> import numpy as np
    >>> a, b = (Variable(np.array([1.0]), name=name) for name in ("encoder", "head"))
    >>> optimizer = MultiOptimizer(OptimizerMap(SGD(learning_rate=0.1), {"head": Adam(learning_rate=0.1)}))
    >>> optimizer.apply([np.array([0.5]), np.array([0.5])], [a, b])
    >>> round(float(a.numpy()[0]), 3), round(float(b.numpy()[0]), 3)
    (0.95, 0.9)

    Source: the definition
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: Positive | None = None,
        name: str | None = None,
    ) -> None:
        self._inner_optimizers: list[Optimizer] = []
        super().__init__(learning_rate=0.0, loss_scale_factor=loss_scale_factor, name=name)
        self.optimizer_map = optimizer_map
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._place_of(optimizer)

    def _place_of(self, optimizer: Any) -> int:
        """The number of an inner optimizer; a new one is taken in."""
        if not isinstance(optimizer, Optimizer) or isinstance(optimizer, LossScaleOptimizer | MultiOptimizer):
            raise BadValue(
                f"{optimizer!r} for a variable",
                where=type(self).__name__,
                expected="an optimizer that is neither a MultiOptimizer nor a LossScaleOptimizer",
            )
        if not any(optimizer is known for known in self._inner_optimizers):
            optimizer.loss_scale_factor = self.loss_scale_factor
            self._inner_optimizers.append(optimizer)
        return next(i for i, known in enumerate(self._inner_optimizers) if known is optimizer)

    def build(self, variables: Sequence[Variable]) -> None:
        """Give each variable its optimizer, and make their state."""
        self._places = {variable: self._place_of(self.optimizer_map(variable)) for variable in variables}
        for optimizer, own in zip(self.optimizers, self._divided(variables, variables), strict=True):
            if own:
                optimizer.build(own)
        super().build(variables)

    def _divided(self, variables: Sequence[Variable], items: Sequence[Any]) -> list[list[Any]]:
        """Items that belong to variables, for each inner optimizer."""
        groups: list[list[Any]] = [[] for _ in self.optimizers]
        for variable, item in zip(variables, items, strict=True):
            groups[self._places[variable]].append(item)
        return groups

    def parts(self) -> Iterator[Any]:
        """This optimizer and the inner ones."""
        yield self
        for optimizer in self.optimizers:
            yield from optimizer.parts()

    @property
    def optimizers(self) -> list[Optimizer]:
        """The inner optimizers."""
        return self._inner_optimizers

    @property
    def variables(self) -> list[Variable]:
        """Own state, then that of the inner optimizers."""
        return [*self._variables, *(variable for optimizer in self.optimizers for variable in optimizer.variables)]

    @property
    def learning_rate(self) -> Any:
        """There is none: the inner optimizers have their own."""
        self._refuse_learning_rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._refuse_learning_rate()

    def _refuse_learning_rate(self) -> NoReturn:
        raise AttributeError("a MultiOptimizer has no learning_rate; those in its `optimizers` have one each")

    @property
    def loss_scale_factor(self) -> Any:
        """What the loss is multiplied by, for all inner optimizers."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: Any) -> None:
        self._loss_scale_factor = value
        for optimizer in self._inner_optimizers:
            optimizer.loss_scale_factor = value

    def _apply(self, grads: list[Any], variables: list[Variable]) -> None:
        divided = (self._divided(variables, items) for items in (grads, variables))
        for optimizer, own_grads, own_variables in zip(self.optimizers, *divided, strict=True):
            if own_variables:
                optimizer.apply(own_grads, own_variables)
        self._iterations.assign_add(1)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """What the inner optimizers do at the end of training."""
        if self.built:
            for optimizer, own in zip(self.optimizers, self._divided(var_list, var_list), strict=True):
                optimizer.finalize_variable_values(own)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Self:
        """The optimizer that `get_config` described."""
        chosen = config["optimizer_map"]
        if isinstance(chosen, dict):
            chosen = OptimizerMap.from_config(chosen["config"], custom_objects)
        return cls(**(config | {"optimizer_map": chosen}))
