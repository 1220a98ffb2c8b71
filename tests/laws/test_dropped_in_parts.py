"""A file dropped into its package is all that a new loss, metric, optimizer or schedule takes.

It then stands in completion, in the lists of the panel and in the printed reference, a magic line understands it, a
model trains with it, and the laws hold for it too. A copy of the package gets the files, so nothing here knows them.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOSS = '''
from typing import Any

from kmagic.base.parameters import Fraction
from kmagic.graph.load import ops
from kmagic.losses.loss import loss


@loss("tilted", tags=("regression",), shapes="[*d n], [*d n] -> [*d]")
def quantile(y_true: Any, y_pred: Any, level: Fraction = 0.5) -> Any:
    """Pinball loss, which is smallest at a quantile.

    Formula: mean max(level·e, (level − 1)·e), e = t − p

    Symbols: t: target, p: prediction, e: error

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> quantile(np.array([2.0]), np.array([1.0]), level=0.75).item()
    0.75

    Source: R. Koenker and G. Bassett, Econometrica 46 (1978)
    """
    error = y_true - y_pred
    return ops.mean(ops.maximum(level * error, (level - 1) * error), axis=-1)
'''
METRIC = '''
from typing import Any

from kmagic.graph.load import ops
from kmagic.metrics.formula import metric


@metric("worst", tags=("regression",), shapes="[*d n], [*d n] -> [*d]", direction="down")
def largest_error(y_true: Any, y_pred: Any) -> Any:
    """Largest error of each sample.

    Formula: max |t − p|

    Symbols: t: target, p: prediction

    Shapes: [*d n], [*d n] -> [*d]

    Example:

    >>> import numpy as np
    >>> largest_error(np.array([1.0, 2.0]), np.array([1.0, 5.0])).item()
    3.0

    Source: the definition
    """
    return ops.max(ops.absolute(y_true - y_pred), axis=-1)
'''
OPTIMIZER = '''
from typing import Any

from kmagic.graph.load import ops
from kmagic.optimizers import registry
from kmagic.optimizers.optimizer import Optimizer
from kmagic.optimizers.rate import LearningRate


@registry.register()
class SignDescent(Optimizer):
    """Steps of one size against the sign of the gradient.

    Formula: w ← w − lr·sign(g)

    Symbols: w: weight, g: gradient, lr: learning_rate

    Example:

    >>> import numpy as np
    >>> from kmagic.graph.variable import Variable
    >>> w = Variable(np.array([1.0]))
    >>> SignDescent(learning_rate=0.25).apply([np.array([7.0])], [w]); w.numpy().item()
    0.75

    Source: M. Riedmiller and H. Braun, ICNN 1993
    """

    def __init__(self, learning_rate: LearningRate = 0.01, **options: Any) -> None:
        super().__init__(learning_rate, **options)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One step of the formula."""
        variable.assign_sub(learning_rate * ops.sign(gradient))
'''
SCHEDULE = '''
from typing import Any

from kmagic.base.parameters import NonNegative, Positive
from kmagic.graph.load import ops
from kmagic.optimizers.schedules import registry
from kmagic.optimizers.schedules.learning_rate_schedule import LearningRateSchedule


@registry.register()
class RootDecay(LearningRateSchedule):
    """A learning rate that falls with the root of the step.

    Formula: lr(t) = lr₀ / √(1 + t / D)

    Symbols: t: step, lr₀: initial_learning_rate, D: decay_steps

    Example:

    >>> float(RootDecay(0.5, decay_steps=1)(3))
    0.25

    Source: the definition
    """

    def __init__(
        self, initial_learning_rate: NonNegative, decay_steps: Positive, name: str = "RootDecay"
    ) -> None:
        self.initial_learning_rate, self.decay_steps, self.name = initial_learning_rate, decay_steps, name

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step."""
        return self.initial_learning_rate / ops.sqrt(1 + self.as_float(step) / self.decay_steps)
'''
FILES = {
    "losses/quantile.py": LOSS,
    "metrics/largest_error.py": METRIC,
    "optimizers/sign_descent.py": OPTIMIZER,
    "optimizers/schedules/root_decay.py": SCHEDULE,
}

LOOK = """
import json
from types import SimpleNamespace

import numpy as np

from kmagic import layers, losses, metrics, models, optimizers
from kmagic.notebook.commands import KCOMPILE
from kmagic.notebook.completion import candidates, inside_call
from kmagic.notebook.compiling import compile_with
from kmagic.notebook.panels.compile import CompilePanel

model = models.Sequential([layers.Dense(1, input_dim=2)])
panel = CompilePanel(model, "m")
line = "m --optimizer SignDescent(learning_rate=RootDecay(0.1, 5)) --loss Quantile(level=0.9) --metrics worst"
print(json.dumps({
    "loss completed": candidates("%kcompile m --loss quan", {})[1],
    "metric completed": candidates("%kcompile m --metrics largest", {})[1],
    "optimizer completed": candidates("%kcompile m --optimizer sign_d", {})[1],
    "schedule completed": inside_call("%kcompile m --optimizer SignDescent(learning_rate=Root", {})[1],
    "argument completed": inside_call("%kcompile m --optimizer SGD(RootDecay(", {})[1],
    "loss in the panel": "quantile" in [name for _, name in panel.outputs[0].loss.list.options],
    "metrics in the panel": [name for name in panel.outputs[0].metrics.names if name in ("quantile", "largest_error")],
    "optimizer in the panel": "sign_descent" in [name for _, name in panel.optimizer.parts.list.options],
    "compiled": compile_with(model, "m", KCOMPILE.read(line, {"m": model})).splitlines()[0],
    "trained": sorted(model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0).history),
}))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A copy of the package and of the laws, with the new files in it."""
    top = tmp_path_factory.mktemp("project")
    for folder in ("kmagic", "tests/laws", "tests/compiler"):
        shutil.copytree(root / folder, top / folder, ignore=shutil.ignore_patterns("__pycache__", "test_*ed_in_*"))
    for file in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(root / file, top / file)
    for place, text in FILES.items():
        (top / "kmagic" / place).write_text(text)
    return top


def python(project: Path, *arguments: str) -> str:
    """What a fresh Python in the project prints."""
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


EXPECTED: dict[str, Any] = {
    "loss completed": ["quantile"],
    "metric completed": ["largest_error"],
    "optimizer completed": ["sign_descent"],
    "schedule completed": ["RootDecay"],
    "argument completed": ["decay_steps=", "initial_learning_rate=", "name="],
    "loss in the panel": True,
    # a loss is a metric too
    "metrics in the panel": ["largest_error", "quantile"],
    "optimizer in the panel": True,
    "compiled": "m.compile(optimizer=kmagic.optimizers.SignDescent(learning_rate="
    "kmagic.optimizers.schedules.RootDecay(initial_learning_rate=0.1, decay_steps=5)), "
    "loss=kmagic.losses.Quantile(level=0.9), metrics=['worst'])",
    "trained": ["loss", "worst"],
}


def test_a_notebook_knows_them(project: Path) -> None:
    assert json.loads(python(project, "-c", LOOK)) == EXPECTED


def test_the_reference_has_them(project: Path) -> None:
    printed = python(project, "-m", "kmagic", "parts")
    for title in (
        "quantile (tilted, Quantile)",
        "largest_error (worst, LargestError)",
        "sign_descent (SignDescent)",
        "root_decay (RootDecay)",
    ):
        assert f"\n{title}\n" in printed
    assert "    lr(t) = lr₀ / √(1 + t / D)\n" in printed


def test_the_laws_hold_for_them(project: Path) -> None:
    names = ("quantile", "largest_error", "sign_descent", "root_decay")
    told = python(project, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-k", " or ".join(names), "tests/laws")
    for name in names:
        passed = [line for line in told.splitlines() if line.startswith("PASSED") and name in line]
        assert len(passed) > 8, f"{name}\n{told}"
