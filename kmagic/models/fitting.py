"""What `fit`, `evaluate` and `predict` bring together: data, programs, and the passes that the loop runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kmagic.base.errors import BadData, KmagicError
from kmagic.base.shapes import Axis
from kmagic.base.trees import filled
from kmagic.compiler.program import Workspace
from kmagic.compiler.replay import explain
from kmagic.models import programs
from kmagic.models.compiled import Compiled
from kmagic.models.diagnosis import HELD_OUT
from kmagic.models.eager import EagerSteps
from kmagic.models.own import own_steps
from kmagic.models.programs import fixed_batch
from kmagic.models.snapshots import renewed
from kmagic.models.supply import Supply
from kmagic.training.loop import Pass, Steps
from kmagic.training.sources import Batches

Array = np.ndarray[Any, Any]
FIT = "fit"
_KEPT = 8  # workspaces of a stream; each has memory of its own for all that a step computes


def train_pass(model: Any, compiled: Compiled, supply: Supply, where: str = FIT) -> Pass:
    """A pass that trains."""
    return _pass(model, compiled, supply, where, programs.TrainStep)


def evaluate_pass(model: Any, compiled: Compiled, supply: Supply, where: str = FIT) -> Pass:
    """A pass that measures."""
    return _pass(model, compiled, supply, where, programs.TestStep)


def _pass(model: Any, compiled: Compiled, supply: Supply, where: str, step_of: type[programs.DataStep]) -> Pass:
    rows, eagerly = supply.rows, compiled.recipe.run_eagerly
    step = step_of(model, compiled, rows.form)
    if eagerly and not model.built and not own_steps(model):
        model(rows.part(0, 1).x)
    opened = _opened(step, model, supply, where, eagerly)
    compiled.seen[step.name] = supply.feed.batches.specs, rows.form
    over = Pass(opened.steps, supply.feed, step.reset, step.logs, opened.explain, step.collector(eagerly))

    def reopen() -> None:
        opened = _opened(step, model, supply, where, eagerly)
        over.steps, over.explain, over.collect = opened.steps, opened.explain, step.collector(eagerly)

    if where in (FIT, HELD_OUT) and not eagerly:
        over.renew = renewed(model, compiled, reopen)
    return over


@dataclass(frozen=True)
class _Opened:
    """What runs the steps of a pass, and what explains a bad status."""

    steps: Steps
    explain: Callable[[int, str], KmagicError]


def _batch_of(model: Any, supply: Supply, where: str) -> Axis:
    """The size of batches in a program: any, or the one that an input of the model fixes, which data must then fit."""
    fixed = fixed_batch(model)
    if fixed is None:
        return programs.BATCH
    length, size = len(supply.rows), supply.size
    if size != fixed or length % fixed:
        raise BadData(
            f"{length} rows in batches of {size}",
            where=where,
            expected=f"full batches of {fixed} rows, the batch size of the input",
            fix=_fix_of_batch(length, size, fixed, has_targets=bool(supply.rows.targets)),
        )
    return fixed


def _fix_of_batch(length: int, size: int, fixed: int, has_targets: bool) -> str | None:
    """Arguments of a call that make all batches full; None for fewer rows than one has."""
    whole = length - length % fixed
    if not whole:
        return None
    rows = [] if whole == length else [f"x[:{whole}]", *([f"y[:{whole}]"] if has_targets else [])]
    return ", ".join([*rows, *([] if size == fixed else [f"batch_size={fixed}"])])


def _opened(step: programs.Step, model: Any, supply: Supply, where: str, eagerly: bool) -> _Opened:
    """A step as a compiled program, or run line by line where the user asks for that."""
    batches, labels = supply.feed.batches, supply.rows.form.labels
    batch = _batch_of(model, supply, where)

    def opened(specs: programs.Specs) -> _Opened:
        if eagerly:
            eager = EagerSteps(step, specs, labels)
            return _Opened(eager, eager.explain)
        _, workspace = programs.open_workspace(programs.graph_of(step, specs, labels, batch), supply.size)
        return _Opened(workspace, _explainer(workspace))

    if batches.fixed:
        return opened(batches.specs)
    steps = _ByShape(batches, opened)
    return _Opened(steps, steps.explain)


class _ByShape:
    """Steps for batches whose rows may change their shape: a program for each, opened when such a batch comes.

    All of them work on the same variables. The last few are kept: a stream may have a new length in each batch.
    """

    def __init__(self, batches: Batches, opened: Callable[[programs.Specs], _Opened]) -> None:
        self._batches, self._open = batches, opened
        self._opened: dict[Any, _Opened] = {}
        self._use(batches.specs)

    def _use(self, specs: Any) -> None:
        opened = self._opened.pop(specs, None)
        if opened is None:
            while len(self._opened) >= _KEPT:
                del self._opened[next(iter(self._opened))]
            opened = self._open(specs)
        # the last one used comes last
        self._specs, self._now, self._opened[specs] = specs, opened, opened

    def inputs(self, rows: int) -> Sequence[Array]:
        """The arrays that hold the data of the next step."""
        if self._specs is not self._batches.specs:
            self._use(self._batches.specs)
        found: Sequence[Array] = self._now.steps.inputs(rows)
        return found

    def step(self, rows: int) -> Callable[[], int]:
        """The function that runs one step."""
        found: Callable[[], int] = self._now.steps.step(rows)
        return found

    def outputs(self, rows: int) -> dict[str, Array]:
        """The results of the last step."""
        found: dict[str, Array] = self._now.steps.outputs(rows)
        return found

    @property
    def runs_blocks(self) -> bool:
        """Batches of a stream do not lie in memory side by side."""
        return False

    def run(self, block: Any) -> int:
        """Never: steps run one by one."""
        raise NotImplementedError

    def explain(self, rows: int, where: str) -> Any:
        """What a bad status of the last step stands for."""
        return self._now.explain(rows, where)


def predict_pass(model: Any, supply: Supply, eagerly: bool, collect: Callable[[int, Any], None]) -> Pass:
    """A pass that hands each batch's prediction, in the model's own tree of outputs, to `collect`."""
    forms: list[Any] = []
    step = programs.predict_step(model, supply.rows.x, forms)
    opened = _opened(step, model, supply, "predict", eagerly)

    def take(rows: int, outputs: dict[str, Array]) -> None:
        collect(rows, filled(forms[0], [outputs[str(number)].copy() for number in range(len(outputs))]))

    return Pass(opened.steps, supply.feed, lambda: None, dict, opened.explain, take)


def _explainer(workspace: Workspace) -> Callable[[int, str], KmagicError]:
    return lambda rows, where: explain(workspace, rows, where)
