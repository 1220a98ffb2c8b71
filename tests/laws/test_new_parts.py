"""Parts from other packages and from cells are found, listed, completed, printed and checked without another word."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kmagic.base.errors import BadValue, Defect
from kmagic.base.parameters import Fraction, Positive
from kmagic.graph.load import ops
from kmagic.layers import Dense, Layer
from kmagic.losses.loss import loss
from kmagic.metrics.formula import metric
from kmagic.models import Sequential
from tests.laws.part_examples import BY_KIND

LOSS = '''
from typing import Any

from kmagic.base.parameters import Fraction
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("tilted", tags=("regression",), shapes="[*d n], [*d n] -> [*d]")
def pinball(y_true: Any, y_pred: Any, level: Fraction = 0.5) -> Any:
    """Pinball loss, which is smallest at a quantile.

    Formula: mean max(level·e, (level − 1)·e), e = t − p
    """
    error = y_true - y_pred
    return ops.mean(ops.maximum(level * error, (level - 1) * error), axis=-1)
'''

LOOK = """
import numpy as np
import kmagic
from kmagic.cli import main
from kmagic.notebook.completion import candidates

registry = kmagic.losses.registry
entry = registry.find("{name}")
print(entry.name in registry.names(), entry.name in kmagic.metrics.registry.names(), entry.summary)
print(kmagic.losses.{cls}(level=0.9)(np.array([[2.0]]), np.array([[1.0]])))
try:
    kmagic.losses.{cls}(level=2)
except ValueError as error:
    print(str(error).replace(chr(10), " / "))
print(candidates("%kcompile m --loss {start}", {{}})[1])
main(["parts"])
"""


def look(folder: Path, name: str, cls: str) -> list[str]:
    """What a fresh Python with `folder` on its path says of a loss."""
    script = LOOK.format(name=name, cls=cls, start=name[:4])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ["PYTHONPATH"]])}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_another_package_adds_a_part_through_an_entry_point(tmp_path: Path) -> None:
    (tmp_path / "more_losses.py").write_text(LOSS)
    information = tmp_path / "more_losses-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: more-losses\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[kmagic.losses]\npinball = more_losses:pinball\n")
    lines = look(tmp_path, "pinball", "Pinball")
    assert lines[0] == "True True Pinball loss, which is smallest at a quantile."
    assert float(lines[1]) == pytest.approx(0.9)
    assert lines[2] == "Pinball: level is 2 / expected: a number >= 0 and <= 1"
    assert lines[3] == "['pinball']"
    assert "pinball (tilted, Pinball)" in lines and "        level = 0.5   (a number >= 0 and <= 1)" in lines


@pytest.fixture
def shelves() -> Iterator[None]:
    """Registries that are afterwards as they were before; a file that loaded in between would not load again."""
    for registry in BY_KIND.values():
        registry.names()
    kept = [(registry, dict(registry.__dict__)) for registry in BY_KIND.values()]
    copies = [
        {name: value.copy() for name, value in state.items() if isinstance(value, dict | set)} for _, state in kept
    ]
    yield
    for (registry, _), state in zip(kept, copies, strict=True):
        registry.__dict__.update(state)


@pytest.mark.usefixtures("shelves")
def test_a_cell_can_define_parts() -> None:
    @loss(tags=("regression",), shapes="[*d n], [*d n] -> [*d]")
    def cubed_error(y_true: Any, y_pred: Any, scale: Positive = 1.0) -> Any:
        """Cubed size of errors."""
        return scale * ops.mean(ops.absolute(y_true - y_pred) ** 3, axis=-1)

    @metric("worst", tags=("regression",), shapes="[*d n], [*d n] -> [*d]")
    def largest_error(y_true: Any, y_pred: Any) -> Any:
        """Largest error of each sample."""
        return ops.max(ops.absolute(y_true - y_pred), axis=-1)

    @BY_KIND["layer"].register(shapes="[batch *d] -> [batch *d]")
    class Shrink(Layer):
        """Numbers made smaller."""

        def __init__(self, by: Fraction = 0.5, **options: Any) -> None:
            super().__init__(**options)
            self.by = by

        def call(self, inputs: Any) -> Any:
            return inputs * self.by

    @BY_KIND["activation"].register()
    def squared(x: Any) -> Any:
        """Square."""
        return x * x

    x, y = np.array([[1.0], [2.0]]), np.array([[0.0], [1.0]])
    model = Sequential(
        [importlib.import_module("kmagic.layers").Shrink(0.5), Dense(1, "squared", kernel_initializer="ones")]
    )
    model.compile("sgd", "cubed_error", metrics=["worst"])
    # predictions are (0.5·1)² = 0.25 and (0.5·2)² = 1, so errors are 0.25 and 0
    assert model.evaluate(x, y, verbose=0) == pytest.approx([0.25**3 / 2, 0.125])
    with pytest.raises(BadValue, match="by is 3"):
        Shrink(3)


@pytest.mark.usefixtures("shelves")
def test_a_part_without_words_or_with_a_taken_name_is_a_defect() -> None:
    registry = BY_KIND["activation"]

    def silent(x: Any) -> Any:
        return x

    def relu(x: Any) -> Any:
        """Not the real one."""
        return x

    with pytest.raises(Defect, match="silent.*has no docstring"):
        registry.register()(silent)
    registry.find("relu")
    with pytest.raises(Defect, match=rf"'relu' is defined in kmagic\.activations\.relu and {__name__}"):
        registry.register()(relu)
