"""What cannot be read off a row: values for its attributes, and inputs that are no free floats.

A row without attributes needs no example unless its inputs must fit together; a row with attributes that has none fails
`test_operations.py`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kmagic.graph.node import Body
from kmagic.graph.ops.source import input_symbol
from kmagic.graph.table import Operation

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Example:
    """Shapes of inputs (or the inputs themselves) and attributes of one call."""

    inputs: tuple[Shape | Array, ...]
    attributes: dict[str, Any] = field(default_factory=dict)

    def arrays(self, row: Operation, seed: int = 0, dtype: str = "float64") -> list[Array]:
        """Inputs for a row, drawn from its domain where the example leaves them free."""
        generator = np.random.default_rng(seed)
        low, high = row.domain
        dtype = dtype.replace("float", "int") if row.whole else dtype
        return [
            generator.uniform(low, high, given).astype(dtype) if isinstance(given, tuple) else given
            for given in self.inputs
        ]


def _as_it_comes() -> Body:
    """A rule that hands the gradient on."""
    upstream = input_symbol((3,), "float64", "upstream").node
    return Body((upstream,), (upstream,))


def _indices(*values: Any) -> Array:
    return np.array(values, "int32")


def _matrices(*shape: int) -> Array:
    """Well-conditioned matrices, whose singular values and eigenvalues are apart."""
    n = min(shape[-2:])
    return np.random.default_rng(6).uniform(-1, 1, shape) + np.eye(*shape[-2:]) * (2 + np.arange(1, n + 1).max())


def _definite(*shape: int) -> Array:
    x = _matrices(*shape)
    return x @ np.swapaxes(x, -1, -2) + np.diag(np.arange(shape[-1]))


_SQUARES = [Example((_matrices(3, 3),)), Example((_matrices(2, 4, 4),)), Example((_matrices(1, 1),))]
_DEFINITE = [Example((_definite(3, 3),)), Example((_definite(2, 4, 4),))]
_TALL = [Example((_matrices(4, 3),)), Example((_matrices(2, 3, 3),))]
_WIDE = [*_TALL, Example((_matrices(2, 4),))]
_SYSTEMS = [(_matrices(3, 3), (3, 2)), (_matrices(2, 3, 3), (3, 1)), (_matrices(4, 4), (2, 4, 1))]

_REDUCTIONS = [
    Example(((2, 3, 4),), {"axes": (1,), "keepdims": False}),
    Example(((2, 3, 4),), {"axes": (0, 2), "keepdims": True}),
    Example(((2, 3),), {"axes": (0, 1), "keepdims": False}),
    Example(((5, 3),), {"axes": (0,), "keepdims": False}),
    Example(((3,),), {"axes": (), "keepdims": False}),
]
_ALONG = [Example(((2, 4),), {"axis": 1}), Example(((4, 2, 3),), {"axis": 0})]

# overlapping and apart, with gaps inside, over the first axis too
_FRAMES: list[dict[str, Any]] = [
    {"axis": 1, "kernel": (3, 2), "strides": (3, 1), "dilation": (1, 1)},
    {"axis": 1, "kernel": (3,), "strides": (2,), "dilation": (1,)},
    {"axis": 0, "kernel": (2,), "strides": (1,), "dilation": (3,)},
]
_WINDOWS = [Example((shape,), frame) for shape, frame in zip([(2, 6, 4, 2), (2, 7, 2), (6, 2)], _FRAMES, strict=True)]


def _alone(axis: int, kernel: int, stride: int = 1) -> dict[str, Any]:
    """Windows on one axis."""
    return {"axis": axis, "kernel": (kernel,), "strides": (stride,), "dilation": (1,)}


EXAMPLES: dict[str, list[Example]] = {
    "own_gradient": [Example(((3,), (3,)), {"rule": _as_it_comes()})],
    "after": [Example(((2, 3), (4,)))],
    "reshape": [Example(((2, 6),), {"shape": (3, 4)}), Example(((),), {"shape": (1, 1)})],
    "transpose": [Example(((2, 3, 4),), {"axes": (2, 0, 1)})],
    "broadcast_to": [Example(((3, 1),), {"shape": (2, 3, 4)}), Example(((),), {"shape": (2,)})],
    "slice": [
        Example(((5, 4),), {"slices": ((1, 4, 1), (0, 4, 2))}),
        Example(((5,),), {"slices": ((4, -1, -1),)}),
        Example(((5,),), {"slices": ((4, 0, -2),)}),
        Example(((5, 2),), {"slices": ((0, 0, 1), (0, 2, 1))}),
    ],
    "embed": [
        Example(((3, 2),), {"shape": (5, 4), "slices": ((1, 4, 1), (0, 4, 2))}),
        Example(((5,),), {"shape": (5,), "slices": ((4, -1, -1),)}),
    ],
    "join": [Example(((2, 3), (2, 1), (2, 3)), {"axis": 1}), Example(((2,), (3,)), {"axis": 0})],
    "pack": [Example(((2, 3), (), (4,)))],
    "reduce_sum": _REDUCTIONS,
    "reduce_max": _REDUCTIONS,
    "reduce_min": _REDUCTIONS,
    "reduce_prod": _REDUCTIONS,
    "softmax": [Example(((3, 4),), {"axis": -1}), Example(((3, 4, 2),), {"axis": 1})],
    "log_softmax": [Example(((3, 4),), {"axis": -1}), Example(((3, 4, 2),), {"axis": 1})],
    "sparsemax": [Example(((3, 4),), {"axis": -1}), Example(((3, 4, 2),), {"axis": 1})],
    "gather": [
        Example(((4, 3), _indices([0, 3], [3, 1])), {"axis": 0}),
        Example(((2, 4), _indices(1, 1, 0)), {"axis": 1}),
        Example(((4,), np.array(2, "int32")), {"axis": 0}),
    ],
    "scatter_add": [
        Example(((2, 2, 3), _indices([0, 3], [3, 1])), {"axis": 0, "size": 4}),
        Example(((2, 3), _indices(1, 1, 0)), {"axis": 1, "size": 5}),
    ],
    "pick": [
        Example(((2, 4), _indices([1, 1, 0], [3, 2, 3])), {"axis": 1}),
        Example(((3, 2), _indices([2, 0])), {"axis": 0}),
    ],
    "unpick": [
        Example(((2, 3), _indices([1, 1, 0], [3, 2, 3])), {"axis": 1, "size": 4}),
        Example(((1, 2), _indices([2, 0])), {"axis": 0, "size": 3}),
    ],
    "position_of_max": _ALONG,
    "position_of_min": _ALONG,
    "order_along": _ALONG,
    "same_bits": [Example((np.array([[1.5, -0.0]], "float32"),), {"dtype": "int32"})],
    "scatter_fold": [
        Example(((4, 2), _indices(0, 1, 1, 0)), {"axis": 0, "size": 2, "how": how}) for how in ("max", "min", "mul")
    ],
    "running_sum": _ALONG,
    "running_product": _ALONG,
    "windows": _WINDOWS,
    "overlap": [
        Example(((2, 2, 3, 3, 2, 2),), {"sizes": (6, 4), **_FRAMES[0]}),
        Example(((2, 3, 3, 2),), {"sizes": (7,), **_FRAMES[1]}),
        Example(((2, 3, 3),), {"sizes": (7,), **_FRAMES[1]}),
        Example(((3, 2, 2),), {"sizes": (6,), **_FRAMES[2]}),
    ],
    "contract": [
        Example(((2, 3, 4), (8, 5)), {"rows": (1,), "inner": (0, 2)}),
        Example(((2, 3, 2, 2, 3), (6, 4)), {"rows": (0, 1, 2), "inner": (3, 4)}),
    ],
    "spread": [
        Example(((12, 4), (4, 12)), {"counts": (2, 2, 3), "sizes": (6, 4), **_FRAMES[0]}),
        Example(((6, 2), (2, 9)), {"counts": (2, 3), "sizes": (7,), **_FRAMES[1]}),
    ],
    "largest_in_window": _WINDOWS,
    "place_in_window": [
        Example((np.array([[3.0, 5.0, 5.0, 1.0]]), np.array([[5.0, 5.0, 5.0]])), {**_alone(1, 2)}),
        Example((np.array([[3.0, 5.0, 1.0, 1.0]]), np.array([[5.0, 7.0]])), {**_alone(1, 2, 2)}),
    ],
    "into_window": [
        Example(((1, 3), _indices([1, 0, 1])), {"sizes": (4,), **_alone(1, 2)}),
        Example(((2, 2), _indices([1, 0], [0, 0])), {"sizes": (5,), **_alone(1, 2, 2)}),
    ],
    "from_window": [
        Example(((1, 4), _indices([1, 0, 1])), {**_alone(1, 2)}),
        Example(((2, 5), _indices([1, 0], [0, 0])), {**_alone(1, 2, 2)}),
    ],
    "product": [
        Example(((3, 4), (4, 2))),
        Example(((2, 3, 4), (2, 4, 2))),
        Example(((5, 1, 3, 4), (2, 4, 2))),
        Example(((1, 4), (4, 1))),
    ],
    "solve": [Example(system) for system in _SYSTEMS],
    "solve_triangular": [Example(system, {"lower": lower}) for system in _SYSTEMS for lower in (False, True)],
    "inv": _SQUARES,
    "det": _SQUARES,
    "cofactors_of": _SQUARES[:2],
    "sign_of_det": _SQUARES,
    "log_of_det": _SQUARES,
    "pseudo_inverse": [Example(example.inputs, {"rcond": 1e-9}) for example in _WIDE],
    "cholesky": _DEFINITE,
    "eigen_of": _DEFINITE,
    "singular_of": _WIDE,
    "full_singular_of": _WIDE,
    "qr_of": _TALL,
    "complete_qr_of": _TALL,
    "lu_of": _WIDE,
    "euclidean": [Example(((2, 3, 4),), {"axes": (1,)}), Example(((3, 4),), {"axes": (0, 1)})],
    "where": [Example((np.array([[True], [False], [True]]), (3, 4), (4,)))],
    "convert": [Example(((3,),), {"dtype": "float32"}), Example(((3,),), {"dtype": "float64"})],
    "random_binomial": [
        Example(
            (np.array([7, 3], "uint32"), np.array([4.0, 50.0, 400.0]), np.array([0.3])),
            {"shape": (2, 3), "stream": 11},
        ),
    ],
    "random_bits": [
        Example((np.array([7, 3], "uint32"),), {"shape": (3, 5), "stream": 11}),
        Example((np.array([7, 3], "uint32"),), {"shape": (), "stream": 11}),
    ],
}

# One shape, stretched against each other, and scalars: what every pointwise row must take.
_BROADCASTS: dict[int, list[tuple[Shape, ...]]] = {
    1: [((3, 4),), ((),)],
    2: [((3, 4), (3, 4)), ((3, 1), (4,)), ((2, 1, 4), (3, 1)), ((), (2, 3))],
    3: [((3, 4), (), ()), ((3, 4), (4,), (3, 1))],
}


def examples(row: Operation) -> list[Example]:
    """The calls that laws try a row with."""
    if row.name in EXAMPLES:
        return EXAMPLES[row.name]
    return [Example(shapes) for shapes in _BROADCASTS[row.arity]]
