"""What a layer expects of its inputs, and the check of it before the layer is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kmagic.base.dtypes import standard
from kmagic.base.errors import BadType, BadValue
from kmagic.base.trees import leaves
from kmagic.layers.admission import placed


class InputSpec:
    """What one input has to be: its dtype, shape (None where any size will do), number of axes, sizes of some axes.

    A layer with the attribute `input_spec`, one of these or several in a list or a dictionary, checks each call.

    >>> InputSpec(min_ndim=2, axes={-1: 3})
    InputSpec(min_ndim=2, axes={-1: 3})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else standard(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = _axes(axes)
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional
        most = self.ndim if self.ndim is not None else max_ndim
        if self.axes and most is not None and max(self.axes) >= most:
            raise BadValue(f"axis {max(self.axes)}", where="InputSpec", expected=f"axes below {most}")

    def __repr__(self) -> str:
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        said = [f"{name}={getattr(self, name)}" for name in names if getattr(self, name)]
        return f"InputSpec({', '.join(said)})"

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal one."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """What `get_config` described."""
        return cls(**config)

    def problem(self, shape: tuple[Any, ...], dtype: Any) -> str | None:
        """What speaks against an input of this shape, in Keras's words."""
        ndim = len(shape)
        if self.ndim is not None and not self.allow_last_axis_squeeze and ndim != self.ndim:
            return f"expected ndim={self.ndim}, found ndim={ndim}"
        if self.max_ndim is not None and ndim > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={ndim}"
        if self.min_ndim is not None and ndim < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}, found ndim={ndim}"
        if self.dtype is not None and standard(dtype) != self.dtype:
            return f"expected dtype={self.dtype}, found dtype={standard(dtype)}"
        for axis, size in self.axes.items():
            if not -ndim <= axis < ndim or (size is not None and shape[axis] not in (size, None)):
                return f"expected axis {axis} of input shape to have value {size}"
        return None if self._fits(shape) else f"expected shape={self.shape}"

    def _fits(self, shape: tuple[Any, ...]) -> bool:
        wanted = self.shape
        if wanted is not None and self.allow_last_axis_squeeze:
            shape, wanted = (axes[:-1] if axes and axes[-1] == 1 else axes for axes in (shape, wanted))
        return wanted is None or all(w is None or s in (None, w) for w, s in zip(wanted, shape, strict=False))


def check_inputs(spec: Any, inputs: Any, where: str) -> None:
    """Raise ShapeMismatch where inputs are not what a layer's `input_spec` says."""
    specs = leaves(spec)
    given = _by_name(inputs, specs, where)
    if len(given) != len(specs):
        raise placed(f"{len(given)} inputs", where, f"{len(specs)} input(s), as input_spec says")
    for number, (value, wanted) in enumerate(zip(given, specs, strict=True)):
        if wanted is None or (value is None and wanted.optional):
            continue
        shape = tuple(axis if isinstance(axis, int) else None for axis in value.shape)
        problem = wanted.problem(shape, value.dtype)
        if problem is not None:
            found = f"input {number} is incompatible with the layer: {problem}. Full shape received: {shape}"
            raise placed(found, where, None)


def _by_name(inputs: Any, specs: Sequence[Any], where: str) -> list[Any]:
    """The inputs in the order of the specs; those of a dictionary by the names that the specs have."""
    names = [spec.name if spec is not None else None for spec in specs]
    if not isinstance(inputs, dict) or not all(names):
        return leaves(inputs)
    missing = [name for name in names if name not in inputs]
    if missing:
        raise placed(f"no input {missing[0]!r}", where, f"the keys {', '.join(map(str, names))}")
    return [inputs[name] for name in names]


def _axes(given: Any) -> dict[int, int | None]:
    try:
        return {int(axis): size for axis, size in (given or {}).items()}
    except (AttributeError, TypeError, ValueError):
        raise BadType(f"axes is {given!r}", where="InputSpec", expected="a dictionary of axes and sizes") from None
