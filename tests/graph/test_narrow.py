"""Numbers of 16 bits: rounding, and arrays of bfloat16."""

import numpy as np
import pytest

from kmagic import Variable, ops
from kmagic.base.errors import Unsupported
from kmagic.graph.masks import mask_of, with_mask, without_mask
from kmagic.graph.narrow import Bfloat16, array_of, to_bfloat16, to_float16

# every pattern of 16 bits is a bfloat16: the upper half of a float32
EVERY = (np.arange(1 << 16, dtype="uint32") << 16).view("float32")


def test_bfloat16_keeps_what_it_holds() -> None:
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(to_bfloat16(EVERY), EVERY)


def test_bfloat16_rounds_to_the_nearest_and_halves_to_the_even_one() -> None:
    low, high = EVERY[0x3F80:0x4000], EVERY[0x3F81:0x4001]
    middle = low + (high - low) / 2
    even = np.where(np.arange(len(low)) % 2 == 0, low, high)
    np.testing.assert_array_equal(to_bfloat16(middle), even)
    np.testing.assert_array_equal(to_bfloat16(np.nextafter(middle, np.float32(0))), low)
    np.testing.assert_array_equal(to_bfloat16(np.nextafter(middle, np.float32(9))), high)
    np.testing.assert_array_equal(to_bfloat16(-middle), -even)


def test_ends_of_bfloat16() -> None:
    largest = np.float32(3.3895314e38)
    x = np.array([np.inf, -np.inf, np.nan, -np.nan, largest, np.finfo("float32").max, 0.0, -0.0], "float32")
    found = to_bfloat16(x)
    np.testing.assert_array_equal(found, [np.inf, -np.inf, np.nan, np.nan, largest, np.inf, 0.0, -0.0])
    assert np.signbit(found[-1]) and not np.signbit(found[-2])


@pytest.mark.parametrize("function", [to_float16, to_bfloat16])
def test_rounding_in_place_and_in_any_order_of_axes(function: object) -> None:
    x = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")
    expected = function(x)
    turned = np.asfortranarray(x)
    np.testing.assert_array_equal(function(turned), expected)
    assert function(turned, turned) is turned
    np.testing.assert_array_equal(turned, expected)
    np.testing.assert_array_equal(to_float16(x), x.astype("float16").astype("float32"))


def test_an_array_of_bfloat16() -> None:
    x = Bfloat16([[1.001, 2.0], [3.0, 4.0]])
    assert (x.dtype, x.shape, x.ndim, x.size, len(x)) == ("bfloat16", (2, 2), 2, 4, 2)
    assert (
        x.tolist() == [[1.0, 2.0], [3.0, 4.0]] and x.item(0, 1) == 2.0 and [row.tolist() for row in x][1] == [3.0, 4.0]
    )
    assert float(x[0, 0]) == 1.0 and int(x[1, 1]) == 4 and bool(x[0, 0]) and repr(x[0]) == "Bfloat16([1., 2.])"
    assert np.asarray(x).dtype == "float32" and np.asarray(x, "float64").dtype == "float64"
    assert x.numpy() is not x.held and np.exp(x).dtype == "float32" and ops.is_tensor(x)


@pytest.mark.parametrize(
    "made",
    [
        lambda x: x + 1,
        lambda x: 1 - x,
        lambda x: x * 2,
        lambda x: ops.matmul(x, x),
        lambda x: ops.softmax(x),
        lambda x: ops.concatenate([x, x]),
        lambda x: ops.sum(x, axis=0),
        lambda x: ops.where(x > 1, x, 0),
        lambda x: ops.zeros_like(x),
        lambda x: ops.linspace(0, 1, 5, dtype="bfloat16"),
        lambda x: ops.full((2,), 0.1, "bfloat16"),
        lambda x: ops.cast(np.arange(3), "bfloat16"),
    ],
)
def test_operations_give_bfloat16(made: object) -> None:
    found = made(Bfloat16([[1.0, 2.0], [3.0, 4.0]]))
    assert isinstance(found, Bfloat16) and ops.dtype(found) == "bfloat16"
    np.testing.assert_array_equal(to_bfloat16(found.held), found.held)


def test_dtypes_combine() -> None:
    x = Bfloat16([1.0])
    assert ops.add(x, np.float16([1])).dtype == ops.add(x, np.float32([1])).dtype == "float32"
    assert ops.add(x, np.float64([1])).dtype == "float64" and ops.add(x, np.int64([1])).dtype == "bfloat16"
    assert (x > 0).dtype == bool and ops.argmax(x).dtype == "int32" and ops.cast(x, "int32").dtype == "int32"
    assert array_of(x) is x and array_of([1, 2], "bfloat16").dtype == "bfloat16" and array_of(3).dtype == "int64"


def test_results_are_rounded_once() -> None:
    """A sum of many numbers is that of float32, rounded; steps of 16 bits would stop at 256."""
    ones = np.ones(1000)
    assert float(ops.sum(Bfloat16(ones))) == 1000.0
    assert float(ops.sum(ones.astype("float16") * np.float16(1.001))) == float(
        np.float16(1000 * float(np.float16(1.001)))
    )
    table = np.full((64, 64), 0.1, "float16")
    expected = (table.astype("float64") @ table.astype("float64")).astype("float16")
    np.testing.assert_array_equal(ops.matmul(table, table), expected)


def test_memory_of_bfloat16_is_not_shown() -> None:
    assert int(ops.view(np.float16(1.0), "int16")) == 0x3C00
    with pytest.raises(Unsupported, match="memory of bfloat16"):
        ops.view(Bfloat16([1.0]), "int16")


def test_masks_stay_with_their_array() -> None:
    x = Bfloat16([1.0, 2.0])
    masked = with_mask(x, np.array([True, False]))
    assert mask_of(masked).tolist() == [True, False] and mask_of(x) is None and mask_of(without_mask(masked)) is None
    assert masked.dtype == "bfloat16"


def test_variables_of_bfloat16() -> None:
    variable = Variable([1.001, 2.0], dtype="bfloat16", name="v")
    assert (variable.dtype, variable.array.dtype, variable.tolist()) == ("bfloat16", "float32", [1.0, 2.0])
    variable.assign([3.001, 4.0])
    variable.assign_add(1.0)
    assert variable.numpy().tolist() == [4.0, 5.0] and (variable * 2).dtype == "bfloat16"
    assert np.asarray(variable).dtype == "float32" and repr(variable) == "<Variable path=v bf16[2]>"
