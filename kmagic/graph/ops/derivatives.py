"""Derivatives as users ask for them: of a function, or of a loss that a step has computed.

Chosen because a step is a program that is being traced: what a tape would record is there anyway, so that
`gradients(loss, variables)` needs no `with` around the forward pass. Elsewhere there are only arrays, and the function
itself is wanted: `grad(function, variables=…)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kmagic.base.config import floatx
from kmagic.base.dtypes import is_float
from kmagic.base.errors import BadType, BadValue, Unsupported
from kmagic.base.shapes import written
from kmagic.base.trees import is_nested, leaves, mapped
from kmagic.graph import eager, trace
from kmagic.graph.interpret import evaluate
from kmagic.graph.narrow import array_of
from kmagic.graph.node import Node, topological
from kmagic.graph.ops import gradient
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.symbol import Symbol
from kmagic.graph.table import ops
from kmagic.graph.user_code import user_line
from kmagic.graph.variable import Variable


def gradients(loss: Any, variables: Any) -> Any:
    """The gradients of a loss that this step has computed, one for each variable.

    It stands where a tape's `tape.gradient(loss, variables)` stood. `variables` is a list or another tree of variables
    or of values that the loss was computed from, one of them alone, or a layer or model, whose trainable variables are
    meant. A variable that was updated meanwhile counts with the value that the loss was computed from.

        loss = self.compute_loss(x, y, self(x, training=True))
        grads = kmagic.gradients(loss, self.trainable_variables)
        self.optimizer.apply(grads, self.trainable_variables)

    Outside of a step there are only numbers: `kmagic.grad(function, variables=…)` takes the function instead.
    """
    if eager.as_node(loss) is None:
        raise BadType(
            f"the gradient of a number ({type(loss).__name__})",
            where="gradients",
            expected="a loss computed in a step; elsewhere the function that computes it",
            fix="kmagic.grad(function, variables=model.trainable_variables)()",
        )
    wanted = _variables_of(variables)
    found = gradient.gradients(loss, _connected(loss, leaves(wanted)))
    return _like(wanted, found)


def grad(
    function: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    variables: Any = None,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """A function that returns the gradient of `function`, whose result must be a scalar.

    The gradient is with respect to the arguments with the numbers `argnums`, which may be lists or dictionaries, or
    with respect to `variables` that the function reads: a list, or a layer or model, whose trainable variables are
    meant. With `has_aux` the function returns `(scalar, aux)`, and one gets `(gradient, aux)`.

    Works on arrays and on symbols, and can be applied again for higher derivatives. In a program that is being traced
    the gradient is part of it, since the function may use what only the program knows.

    >>> float(grad(lambda x: x * x * x)(2.0)), float(grad(grad(lambda x: x * x * x))(2.0))
    (12.0, 12.0)
    >>> w = Variable(3.0)
    >>> [float(slope) for slope in grad(lambda x: w * w * x, variables=[w])(2.0)]
    [12.0]
    """
    both = value_and_grad(function, argnums, variables=variables, has_aux=has_aux)

    def differentiated(*arguments: Any, **options: Any) -> Any:
        result, found = both(*arguments, **options)
        return (found, result[1]) if has_aux else found

    return differentiated


def value_and_grad(
    function: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    variables: Any = None,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """A function that returns the result of `function` and its gradient; options as in `grad`.

    With `has_aux` it returns `((scalar, aux), gradient)`.

    >>> w = Variable(3.0)
    >>> value, slopes = value_and_grad(lambda x: w * x, variables=[w])(2.0)
    >>> float(value), float(slopes[0])
    (6.0, 2.0)
    """
    places = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    def differentiated(*arguments: Any, **options: Any) -> Any:
        given = list(arguments)
        for place in places if variables is None else ():
            if place >= len(given):
                raise BadValue(
                    f"argument {place} of {len(given)} arguments",
                    where="grad",
                    expected="the number of an argument, or the variables that the function reads",
                    fix="kmagic.grad(function, variables=model.trainable_variables)()",
                )
            given[place] = mapped(_given, _as_one(given[place]), skip_none=True)
        asked = _Asked(function, given, options, places, variables, has_aux)
        result, found = asked.in_program() if _is_symbolic(given) else asked.at_once()
        return result, found if variables is not None or not isinstance(argnums, int) else found[0]

    return differentiated


def _is_symbolic(arguments: Sequence[Any]) -> bool:
    return trace.current() is not None or any(isinstance(leaf, Symbol) for leaf in leaves(list(arguments)))


class _Asked:
    """One call of a differentiated function."""

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: list[Any],
        options: dict[str, Any],
        places: tuple[int, ...],
        variables: Any,
        has_aux: bool,
    ) -> None:
        self.function, self.arguments, self.options = function, arguments, options
        self.places = places if variables is None else ()
        self.variables, self.has_aux = variables, has_aux

    def in_program(self) -> tuple[Any, Any]:
        """As part of the program that is being traced."""
        for place in self.places:
            self.arguments[place] = mapped(lambda leaf: _own(trace.as_symbol(leaf)), self.arguments[place], True)
        result = self.function(*self.arguments, **self.options)
        return result, self._slopes(self._scalar(result))

    def _scalar(self, result: Any) -> Any:
        if not self.has_aux:
            return result
        if not isinstance(result, list | tuple) or len(result) != 2:
            raise BadType("has_aux and another result", where="grad", expected="a function that returns (scalar, aux)")
        return result[0]

    def _slopes(self, scalar: Any) -> Any:
        if self.variables is not None:
            # a model may only have its variables after the function has called it
            wanted = _variables_of(self.variables)
            return _like(wanted, gradient.gradients(scalar, _connected(scalar, leaves(wanted))))
        wanted = tuple(self.arguments[place] for place in self.places)
        return _like(wanted, gradient.gradients(scalar, leaves(wanted, skip_none=True)))

    def at_once(self) -> tuple[Any, Any]:
        """On arrays: the program is traced and run here, and what it assigns is assigned."""
        values: dict[Node, Any] = {}
        with trace.tracing() as inner:
            for place in self.places:
                self.arguments[place] = mapped(lambda leaf: _placed(leaf, values), self.arguments[place], True)
            result = self.function(*self.arguments, **self.options)
            found = self._slopes(self._scalar(result))
        results = _run([result, found], inner, values)
        return results[0], results[1]


def _run(tree: Any, inner: trace.Trace, values: dict[Node, Any]) -> Any:
    """The tree with the values of its symbols, after everything that was assigned is."""
    parts = leaves(tree)
    symbols = [leaf for leaf in parts if isinstance(leaf, Symbol)]
    nodes = gradient.expand([*(symbol.node for symbol in symbols), *inner.written.values()])
    results = evaluate(nodes, values, {})
    for variable, value in zip(inner.written, results[len(symbols) :], strict=True):
        variable.assign(value)
    known = iter(results)
    return mapped(lambda leaf: next(known) if isinstance(leaf, Symbol) else leaf, tree)


def _as_one(argument: Any) -> Any:
    """A list of plain numbers is an array, as everywhere; other lists hold arguments of their own."""
    is_plain = isinstance(argument, list) and all(isinstance(leaf, int | float) for leaf in leaves(argument))
    return np.asarray(argument) if is_plain and argument else argument


def _given(argument: Any) -> Any:
    """An argument as a symbol or array; slopes of whole numbers are fractions."""
    if eager.as_node(argument) is not None:
        return trace.as_symbol(argument)
    value = array_of(argument, None if hasattr(argument, "dtype") else eager.number_dtype(argument))
    return value if is_float(str(value.dtype)) else value.astype(floatx())


def _placed(value: Any, values: dict[Node, Any]) -> Symbol:
    """A symbol that stands for an array."""
    symbol = input_symbol(value.shape, str(value.dtype), f"x{len(values)}")
    values[symbol.node] = value
    return symbol


def _own(argument: Symbol) -> Symbol:
    """The same value as a node that only this argument has, so that other uses of it are held fixed."""
    own: Symbol = ops.rows["reshape"](argument, argument.shape)
    return own


# ---- with respect to what ----


def _variables_of(variables: Any) -> Any:
    """What gradients are asked for: a tree as it was given, or the trainable variables of a layer."""
    wanted = variables
    if not is_nested(variables) and hasattr(variables, "trainable_variables"):
        wanted = list(variables.trainable_variables)
    if not leaves(wanted):
        raise BadValue(
            "no variables to take gradients for",
            where="gradients",
            expected="trainable variables: a layer has them once it was called or built, and is trainable",
            fix="variables=model in place of the list, which is looked up after the loss was computed",
        )
    wrong = next((leaf for leaf in leaves(wanted) if not isinstance(leaf, Variable | Symbol)), None)
    if wrong is not None:
        raise BadType(
            f"the gradient for {type(wrong).__name__}", where="gradients", expected="variables, a layer, or symbols"
        )
    return wanted


def _connected(loss: Any, sources: list[Any]) -> list[Any]:
    """The sources, if the loss depends on any of them."""
    target = trace.as_symbol(loss).node
    reached = set(topological([target]))
    if not any(node in reached for node in gradient.sources_of(target, sources)):
        first = sources[0]
        name = first.path if isinstance(first, Variable) else written(first.shape, first.dtype)
        raise BadValue(
            f"the loss depends on none of the {len(sources)} variables (the first is {name})",
            where="gradients",
            expected="No gradients provided for any variable otherwise: a loss computed by layers that use them, "
            "with kmagic.ops, and not passed through numbers or stop_gradient",
        )
    return sources


def _like(tree: Any, found: Sequence[Any]) -> Any:
    """Gradients in the form of what they are for."""
    given = iter(found)
    return mapped(lambda _: next(given), tree, skip_none=True)


# ---- what other libraries have in this place ----


class GradientTape:
    """Not offered: a step is traced anyway, so `kmagic.gradients(loss, variables)` needs no tape."""

    def __init__(self, *args: Any, **options: Any) -> None:
        raise Unsupported(
            "GradientTape",
            where=user_line(),
            expected="the lines of the `with` without it, and kmagic.gradients in place of tape.gradient",
            fix="grads = kmagic.gradients(loss, self.trainable_variables)",
        )
