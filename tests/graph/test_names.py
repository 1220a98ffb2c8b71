"""The namespace of public operations."""

import pytest

from kmagic.base.errors import Defect
from kmagic.graph.load import ops
from kmagic.graph.names import public


def test_a_name_is_public_once() -> None:
    def relu(x: float) -> float:
        return x

    before = ops.relu
    with pytest.raises(Defect, match="'relu' is public twice"):
        public(relu)
    assert ops.relu is before


def test_a_name_that_does_not_exist_is_told_with_those_close_to_it() -> None:
    with pytest.raises(AttributeError, match="did you mean .*softmax"):
        ops.sofmax  # noqa: B018 - looked up for its error
