"""Gradients within a step that both libraries can make: by the engine behind Keras, or by kmagic itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .area import Library

Loss = Callable[[], Any]


class Gradients:
    """`of(loss, variables)` gives the loss and its gradients, `along(function, x)` that of a sum for an input."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def of(self, loss: Loss, variables: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        """The value of a loss, and its gradients for variables that it reads."""
        raise NotImplementedError

    def along(self, function: Callable[[Any], Any], x: Any) -> Any:
        """The gradient of the sum of what a function gives; it can be differentiated again."""
        raise NotImplementedError


class OfKmagic(Gradients):
    """In a step that is being traced."""

    def of(self, loss: Loss, variables: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        return self.library.value_and_grad(loss, variables=variables)()

    def along(self, function: Callable[[Any], Any], x: Any) -> Any:
        return self.library.gradients(self.library.ops.sum(function(x)), x)


class OfJax(Gradients):
    """Variables hold what JAX differentiates for while the loss is computed."""

    def of(self, loss: Loss, variables: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        import jax

        def stateless(values: Sequence[Any]) -> Any:
            with self.library.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
                return loss()

        return jax.value_and_grad(stateless)([variable.value for variable in variables])

    def along(self, function: Callable[[Any], Any], x: Any) -> Any:
        import jax

        return jax.grad(lambda point: self.library.ops.sum(function(point)))(x)


class OfTorch(Gradients):
    """By the tape that torch always keeps."""

    def of(self, loss: Loss, variables: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        import torch

        value = loss()
        return value.detach(), torch.autograd.grad(value, [variable.value for variable in variables])

    def along(self, function: Callable[[Any], Any], x: Any) -> Any:
        import torch

        point = x if x.requires_grad else x.clone().requires_grad_()
        return torch.autograd.grad(self.library.ops.sum(function(point)), point, create_graph=True)[0]


def gradients_of(library: Library) -> Gradients:
    """How a library differentiates."""
    if library.__name__ == "kmagic":
        return OfKmagic(library)
    return {"jax": OfJax, "torch": OfTorch}[library.config.backend()](library)
