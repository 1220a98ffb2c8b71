"""Activations as layers of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic import activations, constraints, initializers, regularizers
from kmagic.activations.elu import elu
from kmagic.activations.leaky_relu import leaky_relu
from kmagic.activations.relu import relu
from kmagic.activations.softmax import softmax
from kmagic.base import shapes
from kmagic.base.errors import ShapeMismatch
from kmagic.base.parameters import NonNegative, Positive
from kmagic.graph.load import ops
from kmagic.layers import registry
from kmagic.layers.layer import Layer, known

# far below any score, and within float16
_FAR_BELOW = {"float16": -3e4}


@registry.register(shapes="[batch *d] -> [batch *d]")
class Activation(Layer):
    """An activation as a layer of its own.

    Formula: y = f(x)

    Symbols: f: activation

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Activation("relu")(np.array([[-1.0, 2.0]])).tolist()
    [[0.0, 2.0]]
    """

    supports_masking = True

    def __init__(self, activation: Any, **options: Any) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)


@registry.register(shapes="[batch *d] -> [batch *d]")
class ReLU(Layer):
    """Rectified linear unit: negative values become 0.

    Formula: y = x for x > threshold, else negative_slope·(x − threshold); at most max_value

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> ReLU(max_value=1.5)(np.array([[-1.0, 1.0, 2.0]])).tolist()
    [[0.0, 1.0, 1.5]]

    Source: V. Nair and G. Hinton, ICML 2010
    """

    supports_masking = True

    activation = staticmethod(relu)

    def __init__(
        self,
        max_value: NonNegative | None = None,
        negative_slope: NonNegative = 0.0,
        threshold: NonNegative = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs, self.negative_slope, self.max_value, self.threshold)


@registry.register(shapes="[batch *d] -> [batch *d]")
class LeakyReLU(Layer):
    """ReLU that lets a part of negative values through.

    Formula: y = x for x ≥ 0, else negative_slope·x

    Symbols: alpha: an older name of negative_slope

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> LeakyReLU(0.5)(np.array([[-1.0, 2.0]])).tolist()
    [[-0.5, 2.0]]

    Source: A. Maas, A. Hannun and A. Ng, ICML 2013
    """

    supports_masking = True

    activation = staticmethod(leaky_relu)

    def __init__(self, negative_slope: NonNegative = 0.3, alpha: NonNegative | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.negative_slope = negative_slope if alpha is None else alpha

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, the slope under its present name."""
        return {name: value for name, value in super().get_config().items() if name != "alpha"}

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs, self.negative_slope)


@registry.register(shapes="[batch *d] -> [batch *d]")
class PReLU(Layer):
    """ReLU that learns which part of negative values to let through.

    Formula: y = max(x, 0) − α·max(−x, 0)

    Symbols: α: weight alpha, one for each position, or one along each of `shared_axes` (1 is the first after the batch)

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> PReLU("ones")(np.array([[-1.0, 2.0]])).tolist()
    [[-1.0, 2.0]]

    Source: K. He et al., ICCV 2015
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = [shared_axes] if isinstance(shared_axes, int) else shared_axes and list(shared_axes)

    def build(self, input_shape: Any) -> None:
        """Make alpha, of size 1 along shared axes."""
        size = [1 if place in (self.shared_axes or ()) else axis for place, axis in enumerate(input_shape)][1:]
        if None in size:
            raise ShapeMismatch(
                f"input of shape {shapes.written(input_shape)}",
                where=self.path,
                expected="known axes, or shared ones",
                fix=f"PReLU(shared_axes={[place for place, axis in enumerate(size, 1) if axis is None]})",
            )
        self.alpha = self.add_weight(
            size, self.alpha_initializer, None, True, True, self.alpha_regularizer, self.alpha_constraint, "alpha"
        )

    def call(self, inputs: Any) -> Any:
        expected = tuple(self.alpha.shape)
        axes = ops.shape(inputs)[1:]
        if len(axes) != len(expected) or any(size not in (1, axis) for size, axis in zip(expected, axes, strict=True)):
            raise ShapeMismatch(
                f"input of shape {shapes.written(known(ops.shape(inputs)))}",
                where=self.path,
                expected=f"[batch {' '.join('?' if size == 1 else str(size) for size in expected)}]",
            )
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)


@registry.register(shapes="[batch *d] -> [batch *d]")
class ELU(Layer):
    """Exponential linear unit: smooth towards −alpha below 0.

    Formula: y = x for x > 0, else alpha·(eˣ − 1)

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> [round(float(value), 4) for value in ELU()(np.array([[-1.0, 2.0]]))[0]]
    [-0.6321, 2.0]

    Source: D. Clevert, T. Unterthiner and S. Hochreiter, ICLR 2016
    """

    supports_masking = True

    activation = staticmethod(elu)

    def __init__(self, alpha: Positive = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs, self.alpha)


@registry.register(shapes="[batch *d] -> [batch *d]")
class Softmax(Layer):
    """Any numbers to probabilities that sum to 1 along one axis, or over several; masked positions get 0.

    Formula: yᵢ = e^xᵢ / Σⱼ e^xⱼ

    Symbols: mask: of `call`, true where a position counts; it has the input's axes, or 1

    Shapes: [batch *d] -> [batch *d]

    Example:

    >>> import numpy as np
    >>> Softmax()(np.array([[1.0, 1.0, 5.0]]), mask=np.array([[True, True, False]])).tolist()
    [[0.5, 0.5, 0.0]]

    Source: J. Bridle, 1990
    """

    supports_masking = True

    activation = staticmethod(softmax)

    def __init__(self, axis: int | Sequence[int] = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return self._shares(inputs)
        kept = self._kept(inputs, mask)
        shares = self._shares(ops.where(kept, inputs, _FAR_BELOW.get(str(inputs.dtype), -1e9)))
        # of a row without any kept position softmax makes equal shares
        return ops.where(kept, shares, 0)

    def _shares(self, x: Any) -> Any:
        if isinstance(self.axis, int):
            return self.activation(x, self.axis)
        if len(self.axis) == 1:
            return self.activation(x, self.axis[0])
        return ops.exp(x - ops.logsumexp(x, axis=tuple(self.axis), keepdims=True))

    def _kept(self, inputs: Any, mask: Any) -> Any:
        """The mask as truth values; numbers count above one half."""
        own, whole = ops.shape(mask), ops.shape(inputs)
        if len(own) > len(whole) or any(m not in (1, n) for m, n in zip(own[::-1], whole[::-1], strict=False)):
            raise ShapeMismatch(
                f"mask of shape {shapes.written(own)} beside input {shapes.written(whole)}",
                where=self.path,
                expected="the axes of the input, or 1",
            )
        values = ops.convert_to_tensor(mask)
        return values if str(values.dtype) == "bool" else ops.greater(values, 0.5)
