"""Arguments: every one of Keras's is there, in its place and with its default."""

from __future__ import annotations

from typing import Any

import pytest

from .agreement import named, results
from .comparison import fact_faults
from .experiments import AREAS
from .tolerances import NOT_OFFERED


def arguments(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The arguments that have a name of their own and that kmagic offers."""
    groups = ("VAR_POSITIONAL", "VAR_KEYWORD")
    return [entry for entry in result["arguments"] if entry["kind"] not in groups and entry["name"] not in NOT_OFFERED]


@pytest.mark.parametrize("case", AREAS["signatures"].cases, ids=named)
def test_arguments_agree(case: Any) -> None:
    got, expected = map(arguments, results("signatures", case))
    names = [entry["name"] for entry in expected]
    shared = [entry for entry in got if entry["name"] in names]
    assert [entry["name"] for entry in shared] == names, "arguments and their order"
    pairs = zip(shared, expected, strict=True)
    faults = [f"{own['name']} {fault}" for own, theirs in pairs for fault in fact_faults(own, theirs)]
    required = [entry["name"] for entry in got if entry["name"] not in names and "default" not in entry]
    assert not faults, "\n".join(faults)
    assert not required, f"{required} are required here, and Keras has no such arguments"
