"""The watch: a listener of a run's events that finds what goes wrong, and stops what cannot come right any more.

While steps run it only takes in the losses that events bring anyway. At epoch edges a probe measures one step on a
sample of the rows, as often as its share of the time allows; a training whose loss does not fall is looked at all the
same. What it finds goes to the run: `run.findings`, `history.findings`, and to whoever listens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from kmagic.base.errors import NotFinite
from kmagic.base.registry import describe
from kmagic.models.diagnosis import symptoms
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.finding import Finding
from kmagic.models.diagnosis.measured import Preview
from kmagic.models.diagnosis.policy import Policy
from kmagic.models.diagnosis.probe import Probe
from kmagic.models.diagnosis.symptoms import Stand
from kmagic.models.diagnosis.trends import Epochs, Growth
from kmagic.models.own import overrides, own_steps
from kmagic.models.rows import Rows
from kmagic.training.events import EpochBegin, EpochEnd, Event, StepsEnd, TrainBegin, TrainEnd, is_number
from kmagic.training.run import Run

_ROWS = 128  # at least so many are probed: a unit that is at rest for fewer may be so by chance
_FIRST = 10  # steps in which such an operation fails for the range of the output rather than for the rate
_PARTIAL = ("log", "divide", "sqrt", "power")  # operations that are not defined everywhere
_RANGE = "an output in the range that the loss is made for"
_HEAD = (
    "activation='softmax' or 'sigmoid' in the last layer, or a loss with from_logits=True; in a loss of your own "
    "kmagic.ops.clip(y_pred, 1e-7, 1 - 1e-7)"
)
_OPENING = 0.05  # seconds; what tracing a probe is taken to cost before it was done


class Watch:
    """Watches one run. `case` says what is trained and how, without x and y: findings outlive the run."""

    def __init__(
        self, case: Case, rows: Rows, policy: Policy | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.case = replace(case, x=None, y=None)
        self.policy = policy or Policy()
        self.run: Run | None = None
        self._rows: Rows | None = rows
        self._growth, self._epochs = Growth(self.policy), Epochs(self.policy)
        self._state = _State([], self.policy)
        self._looking = _Looking(self.policy, clock)
        self._has_cause = self._has_failed = False
        # what a step of the user's own logs as its loss may rise for good reasons
        self._is_blind = overrides(case.model, "train_step")
        self._trained = self._last = 0

    def of(self, run: Run) -> Self:
        """The same watch, which hands its findings to this run."""
        self.run = run
        return self

    def __call__(self, event: Event) -> None:
        """Take in an event of the run; whatever goes wrong here, the training goes on."""
        if self._has_failed or self._is_blind:
            return
        try:
            self._take_in(event)
        except Exception as failure:
            self._has_failed = True
            self._notice(Finding("K229", "hint", f"the training is not watched any more: {describe(failure)}"))

    def _take_in(self, event: Event) -> None:
        if type(event) is StepsEnd:  # the one that comes often
            loss = event.logs.get("loss")
            if type(loss) is float and self._growth.add(event.step, loss):
                self._judge_growth()
            return
        match event:
            case TrainBegin(epochs=epochs):
                self._begin(epochs)
            case EpochBegin():
                self._growth.begin_epoch()
            case EpochEnd(epoch=epoch, logs=logs) if is_number(logs.get("loss")):
                self._end_epoch(logs, epoch + 1 >= self._last)
            case TrainEnd():
                self.run = self._rows = None
                self._state.forget()
                self._looking.probe = None

    def _begin(self, epochs: int) -> None:
        optimizer = self.case.model.optimizer
        self._last = epochs
        self._trained = int(optimizer._iterations)
        self._state = _State([*self.case.model.variables, *optimizer.variables], self.policy)
        self._state.keep(0)
        self._looking.begin()

    def _notice(self, finding: Finding) -> None:
        """Hand a finding on, each code once."""
        if self.run is not None and finding.code not in [known.code for known in self.run.findings]:
            self.run.notice(finding)

    # ---- while steps run ----

    def _judge_growth(self) -> None:
        growth = self._growth
        verdict = growth.close()
        if verdict == "calm":
            self._state.keep(growth.steps)
        elif verdict == "exploding" and self.run is not None and not self.run.should_stop:
            layer = _steepest(self._look())
            restored = self._state.restore()
            finding = symptoms.explosion(self.case, growth, restored, layer)
            self._notice(finding)
            self.run.stop("the loss explodes")

    def explain(self, error: NotFinite, loss: Any) -> NotFinite:
        """The error to raise for a step that is not finite; where the loss had grown before, the way back is taken.

        `loss` is the mean of the epoch so far.
        """
        if self._has_failed or self._is_blind:
            return error
        steps = int(self.case.model.optimizer._iterations) - self._trained
        grown = is_number(loss) and self._growth.has_grown(float(loss), steps)
        if not grown and _is_of_range(error.found, steps):
            finding = symptoms.out_of_range(self.case, error.found)
            self._notice(finding)
            return NotFinite(finding.message, where=error.where, expected=_RANGE, fix=_HEAD)
        restored = self._state.restore() if grown else None
        finding = symptoms.breakdown(self.case, error.found, self._growth, restored)
        self._notice(finding)
        return NotFinite(finding.message, where=error.where, expected=error.expected, fix=error.fix)

    # ---- at epoch edges ----

    def _end_epoch(self, logs: dict[str, Any], is_last: bool) -> None:
        held_out = float(logs["val_loss"]) if is_number(logs.get("val_loss")) else None
        self._epochs.add(float(logs["loss"]), held_out, self._growth.steps)
        stand = Stand(self.case, self.policy, self._growth, self._epochs, self._trained > 0, is_last)
        for finding in symptoms.of_losses(stand):
            self._notice(finding)
        if not self._has_cause and self._looking.is_due(stand.is_suspect, len(self._epochs.losses)):
            preview = self._look()
            for finding in symptoms.of_step(stand, preview) if preview else ():
                self._has_cause = True
                self._notice(finding)

    def _look(self) -> Preview | None:
        """A step on a sample of the rows; None where it cannot be had."""
        model, recipe, rows = self.case.model, self.case.recipe, self._rows
        if rows is None or recipe.run_eagerly or own_steps(model):
            return None
        size = max(_ROWS, self.case.options.batch_size or 0)
        return self._looking.measure(lambda: Probe(model, recipe, rows.sample(size), model.optimizer))


def _is_of_range(problem: str, steps: int) -> bool:
    """Whether a loss got what it is not defined for, after so few steps that the learning rate is not to blame."""
    operation, _, place = problem.partition(" ")
    return steps < _FIRST and operation in _PARTIAL and place.startswith("in the loss ")


@dataclass
class _State:
    """The variables of a training, and what they held when all was well."""

    variables: Sequence[Any]
    policy: Policy
    copies: list[Any] = field(default_factory=list)
    step: int = 0

    def keep(self, step: int) -> None:
        """Copy what they hold now, once in a while, and unless that is too much."""
        if self.copies and step < self.step + min(self.step // 4, self.policy.interval):
            return
        if sum(variable.array.nbytes for variable in self.variables) > self.policy.copied:
            return
        self.copies = self.copies or [np.empty_like(variable.array) for variable in self.variables]
        for copy, variable in zip(self.copies, self.variables, strict=True):
            np.copyto(copy, variable.array)
        self.step = step

    def restore(self) -> int | None:
        """Go back, and say to which step; None where there is no way back."""
        if not self.copies:
            return None
        for copy, variable in zip(self.copies, self.variables, strict=True):
            variable.assign(copy)
        return self.step

    def forget(self) -> None:
        """Let the copies go."""
        self.variables, self.copies = [], []


@dataclass
class _Looking:
    """When to probe: within a share of the time, and where a training is suspect a few times whatever it costs."""

    policy: Policy
    clock: Callable[[], float]
    probe: Probe | None = None
    began: float = 0.0
    spent: float = 0.0
    cost: float = _OPENING
    next_probe: float = 0.0
    looks: int = 0
    next_look: int = 0
    is_broken: bool = False

    def begin(self) -> None:
        """Training begins."""
        self.began = self.clock()

    def is_due(self, is_suspect: bool, epochs: int) -> bool:
        """Whether to probe after so many epochs."""
        if is_suspect and self.looks < self.policy.looks and epochs >= self.next_look:
            self.looks, self.next_look = self.looks + 1, 2 * epochs
            return True
        elapsed = self.clock() - self.began
        if elapsed < self.next_probe or self.spent + self.cost > self.policy.share * elapsed:
            return False
        # what is well for long is looked at less often
        self.next_probe = 1.5 * elapsed
        return True

    def measure(self, opened: Callable[[], Probe]) -> Preview | None:
        """Probe, and note what it costs; a model that cannot be probed trains all the same."""
        if self.is_broken:
            return None
        start = self.clock()
        try:
            self.probe = self.probe or opened()
            found = self.probe.measure()
        except Exception:
            self.is_broken, found = True, None
        self.cost = self.clock() - start
        self.spent += self.cost
        return found


def _steepest(preview: Preview | None) -> str:
    """The layer with the largest gradient."""
    layers = preview.layers if preview else ()
    return max(layers, key=lambda layer: layer.gradient).path if layers else ""
