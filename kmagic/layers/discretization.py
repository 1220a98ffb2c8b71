"""Numbers put into bins, whose boundaries are given or learned from data."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np

from kmagic.base import policies
from kmagic.base.errors import BadData, BadValue
from kmagic.base.parameters import Bound, Positive
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.adapting import batches_of
from kmagic.layers.category_encoding import encoded, refuse_sparse
from kmagic.layers.layer import Layer

Array = np.ndarray[Any, Any]


@registry.register(shapes="[batch *d] -> [batch *e]")
class Discretization(Layer):
    """The number of the bin that each value lies in; boundaries are given, or learned so that bins hold equal shares.

    Formula: y = number of boundaries b with b <= x

    Symbols: bin_boundaries: in rising order; num_bins: for boundaries to be learned by adapt(); epsilon: the share of
    the values by which a learned boundary may be off; output_mode: int, or one_hot, multi_hot, count as in
    CategoryEncoding

    Shapes: [batch *d] -> [batch *e]

    Example:

    >>> import numpy as np
    >>> Discretization(bin_boundaries=[0.0, 1.0, 2.0])(np.array([[-1.5, 1.0, 3.4, 0.5]])).tolist()
    [[0, 2, 3, 1]]
    """

    _summary: Array

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: Positive = 0.01,
        output_mode: Literal["multi_hot", "count", "one_hot", "int"] = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        refuse_sparse(sparse, "Discretization")
        if (num_bins is None) == (bin_boundaries is None):
            raise BadValue(
                "Both `num_bins` and `bin_boundaries` are set" if num_bins is not None else "no bins",
                where="Discretization",
                expected="either `num_bins` or `bin_boundaries`",
                fix="Discretization(bin_boundaries=[0.0, 1.0])",
            )
        if num_bins is not None:
            Bound(at_least=0, whole=True).check(num_bins, name="num_bins", where="Discretization")
        self.bin_boundaries = None if bin_boundaries is None else np.asarray(bin_boundaries).tolist()
        self.num_bins, self.epsilon, self.output_mode, self.sparse = num_bins, float(epsilon), output_mode, False
        self.reset_state()

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the boundaries from data, an array or batches of them; what was learned before is forgotten."""
        if not self.can_adapt:
            raise BadValue(
                "adapt() of a layer with `bin_boundaries`", where=self.name, fix="Discretization(num_bins=10)"
            )
        self.reset_state()
        for batch in [data] if hasattr(data, "__array__") else batches_of(data, steps, self.name):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take note of more values."""
        values = np.asarray(data)
        if values.size == 0 or values.dtype.kind not in "biuf" or np.isnan(values.astype("float64")).any():
            raise BadData("data without values, or with text or NaN", where=self.name, expected="numbers")
        self._summary = _merged(_summarized(values.astype("float32"), self.epsilon), self._summary, self.epsilon)

    def finalize_state(self) -> None:
        """Make boundaries of what was noted."""
        if self.num_bins is not None:
            self.bin_boundaries = _compressed(self._summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def reset_state(self) -> None:
        """Forget what was noted."""
        self._summary = np.zeros((2, 0), "float32")

    @property
    def input_dtype(self) -> str:
        """What floats among the inputs are cast to: boundaries are as exact as weights."""
        return self.variable_dtype

    @property
    def can_adapt(self) -> bool:
        """Whether `adapt` may be called: boundaries were not given."""
        return self.num_bins is not None

    @property
    def output_dtype(self) -> str:
        """Numbers of bins, or vectors."""
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def call(self, inputs: Any) -> Any:
        if self.bin_boundaries is None:
            raise BadValue(
                "there are no bin_boundaries yet", where=self.path, expected="adapt() before", fix="layer.adapt(data)"
            )
        edges = ops.convert_to_tensor(self.bin_boundaries, self.dtype)
        bins = ops.cast(ops.digitize(inputs, edges), "int32")
        return encoded(bins, self.output_mode, len(edges) + 1, self.output_dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, and the boundaries that it has learned."""
        own = ("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse", "name")
        return {**{name: getattr(self, name) for name in own}, "dtype": policies.described(self.dtype_policy)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The layer that `get_config` described, with what it had learned."""
        learned = config.get("bin_boundaries") if config.get("num_bins") is not None else None
        if learned is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.bin_boundaries = list(learned)
        return layer


# ---- shares of sorted values: rows of boundaries and of how many values each stands for ----


def _summarized(values: Array, epsilon: float) -> Array:
    """Values at even distances in the sorted order."""
    ordered = np.sort(values.reshape(-1))
    step = max(ordered.size / (1.0 / epsilon), 1)
    taken = ordered[int(step - 1) :: int(step)]
    return np.stack([taken, np.full_like(taken, step)])


def _merged(first: Array, second: Array, epsilon: float) -> Array:
    """One summary of two."""
    both = np.concatenate((first, second), axis=1)
    return _compressed(both[:, np.argsort(both[0])], epsilon)


def _compressed(summary: Array, epsilon: float) -> Array:
    """A summary of 1/epsilon entries, or fewer where there are no more."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    total = summary[1].cumsum()
    reached = total / total[-1]
    weights = np.diff(np.interp(shares, reached, total), prepend=0)
    return np.stack((np.interp(shares, reached, summary[0]), weights)).astype("float32")
