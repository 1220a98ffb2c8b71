"""Variables in the dtype that the layer around computes in."""

import numpy as np

from kmagic import Variable, ops
from kmagic.graph.autocast import autocast_dtype, autocasting
from kmagic.graph.trace import tracing


def test_floats_come_in_the_wanted_dtype() -> None:
    weight, kept = Variable([1.0001]), Variable([1.0001], autocast=False)
    number, wide = Variable([1], dtype="int32"), Variable([1.0], dtype="float64")
    with autocasting("float16"):
        assert [v.dtype for v in (weight, kept, number, wide)] == ["float16", "float32", "int32", "float16"]
        assert weight.value.tolist() == [1.0] and (weight * 1).dtype == "float16" and (kept * 1).dtype == "float32"
        assert weight.stored_dtype == "float32" and ops.matmul(weight, np.float16([2])).dtype == "float16"
        with autocasting(None):
            assert weight.dtype == "float32"
    assert autocast_dtype() is None and weight.dtype == "float32"


def test_symbols_too_and_assignments_are_those_of_the_variable() -> None:
    weight = Variable([1.0001])
    with tracing() as trace, autocasting("bfloat16"):
        assert weight.value.dtype == weight.as_node().dtype == "bfloat16"
        weight.assign(weight.value * 2)
        assert trace.written[weight].dtype == "float32" and weight.read_node().dtype == "bfloat16"
    with autocasting("float16"):
        weight.assign([3.0001])
    np.testing.assert_array_equal(weight.numpy(), np.float32([3.0001]))
