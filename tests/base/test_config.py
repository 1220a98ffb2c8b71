"""The global configuration: Keras's names, checked when set, read when used."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kmagic import config
from kmagic.base import config as state
from kmagic.base.dtypes import standard
from kmagic.base.errors import BadValue


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = dict(state._state)
    yield
    state._state.update(before)


def test_changes_count_from_then_on() -> None:
    config.set_floatx("float64")
    config.set_epsilon(1e-5)
    config.set_image_data_format("channels_first")
    assert (config.floatx(), config.epsilon(), config.image_data_format()) == ("float64", 1e-5, "channels_first")
    assert standard(None) == "float64"
    assert config.backend() == "kmagic"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda: config.set_floatx("double"), "set_floatx: floatx is 'double'\nexpected: float32 or float64"),
        (lambda: config.set_floatx("bfloat16"), "set_floatx: floatx is 'bfloat16'\nexpected: float32 or float64"),
        (lambda: config.set_floatx("float16"), "set_floatx: floatx is 'float16'\nexpected: float32 or float64"),
        (lambda: config.set_epsilon(0), "set_epsilon: epsilon is 0\nexpected: a positive number"),
        (lambda: config.set_image_data_format("NHWC"), "set_image_data_format: data_format is 'NHWC'"),
    ],
)
def test_wrong_values_change_nothing(change, text: str) -> None:
    before = dict(state._state)
    with pytest.raises(BadValue) as caught:
        change()
    assert str(caught.value).startswith(text) and state._state == before


def test_an_executor_of_the_environment_is_checked() -> None:
    environment = {**os.environ, "KMAGIC_EXECUTOR": "lvm"}
    code = "import kmagic; kmagic.config.executor()"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "KMAGIC_EXECUTOR is 'lvm'" in done.stderr and "llvm, numpy" in done.stderr
