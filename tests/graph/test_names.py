"""The namespace of public operations."""

import numpy as np
import pytest

from kmagic.base.errors import Defect
from kmagic.graph.load import ops
from kmagic.graph.names import also_called, public, quietly


def test_a_name_is_public_once() -> None:
    def relu(x: float) -> float:
        return x

    before = ops.relu
    with pytest.raises(Defect, match="'relu' is public twice"):
        public(relu)
    assert ops.relu is before


def test_further_names_are_the_same_operations() -> None:
    pairs = {"swish": "silu", "hard_swish": "hard_silu", "get_item": "getitem", "pow": "power", "conj": "conjugate"}
    for other, name in {**pairs, "bitwise_invert": "bitwise_not"}.items():
        assert getattr(ops, other) is getattr(ops, name), other
    with np.errstate(all="raise"):
        assert ops.swish(np.array([np.inf, -1e4])).tolist() == [np.inf, 0], "without a warning, as silu"
    with pytest.raises(Defect, match="'silu' is public twice"):
        also_called(silu="relu")
    assert ops.silu is not ops.relu


def test_a_name_that_does_not_exist_is_told_with_those_close_to_it() -> None:
    with pytest.raises(AttributeError, match="did you mean .*softmax"):
        ops.sofmax  # noqa: B018 - looked up for its error


def test_an_operation_inside_another_is_quiet_and_the_warnings_come_back_after_it() -> None:
    with np.errstate(all="raise"):
        assert np.isnan(ops.mean(ops.log(np.array([-1.0]))))
        assert quietly(lambda: quietly(np.log, np.float64(0)) + np.log(np.float64(0))) == -np.inf
        with pytest.raises(FloatingPointError):
            np.log(np.float64(0))
    with pytest.raises(ZeroDivisionError), np.errstate(all="raise"):
        quietly(lambda: 1 / 0)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        np.log(np.float64(0))
