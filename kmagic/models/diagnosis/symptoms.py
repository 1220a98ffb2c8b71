"""What is wrong with a training: from its losses, and from what a probe measures of a step, to findings.

Each function looks for one thing. When the loss does not fall, the first that finds something has the cause: what
follows from it (no gradient behind dead units) needs no finding of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kmagic.layers.layer import Layer
from kmagic.models.diagnosis import remedies
from kmagic.models.diagnosis.case import Case
from kmagic.models.diagnosis.facts import Facts, Shared
from kmagic.models.diagnosis.finding import Finding
from kmagic.models.diagnosis.measured import MeasuredActivation, MeasuredOutput, Preview
from kmagic.models.diagnosis.policy import Policy
from kmagic.models.diagnosis.trends import Epochs, Growth


@dataclass(frozen=True)
class Stand:
    """How a training stands at the end of an epoch."""

    case: Case
    policy: Policy
    growth: Growth
    epochs: Epochs
    was_trained: bool = False
    is_last: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether the loss is far above that of the first batch, and hardly comes down."""
        losses = self.epochs.losses
        return self.epochs.is_worse(self.growth.first or 0.0) and losses[-1] > losses[0] / 2

    @property
    def is_suspect(self) -> bool:
        """Whether it is worth a look; a model that was trained before may be as good as it gets."""
        return self.is_lost or (self.epochs.is_flat and not self.was_trained)

    @property
    def is_stuck(self) -> bool:
        """Whether the loss has never fallen."""
        return self.is_lost or (self.epochs.is_stuck and not self.was_trained)

    @property
    def flat(self) -> str:
        """That the loss does not fall, with its numbers."""
        losses, since = self.epochs.losses, self.epochs.flat_since
        if self.is_lost:
            return (
                f"the loss has risen from {self.growth.first:.4g} to {losses[-1]:.4g} in {self.epochs.steps[-1]} steps"
            )
        return (
            f"the loss has not fallen in the {self.epochs.flat_steps} steps since epoch {since + 1} "
            f"({losses[since]:.4g} to {losses[-1]:.4g})"
        )

    def layers(self, items: Sequence[MeasuredActivation]) -> list[Layer]:
        """The layers whose activations were measured."""
        paths = {item.layer for item in items}
        model = self.case.model
        return [layer for layer in model._with_inner() if layer.path.removeprefix(f"{model.name}/") in paths]


# ---- from losses alone ----


def of_losses(stand: Stand) -> Iterator[Finding]:
    """A loss that rises, and one that falls on training rows only."""
    first, epochs = stand.growth.first or 0.0, stand.epochs
    if epochs.is_overfitting:
        best, last = epochs.best, len(epochs.losses) - 1
        yield Finding(
            "K224",
            "warning",
            f"overfitting: the validation loss was lowest in epoch {best + 1} ({epochs.validation[best]:.4g}) and is "
            f"{epochs.validation[-1]:.4g} in epoch {last + 1}, while the training loss fell from "
            f"{epochs.losses[best]:.4g} to {epochs.losses[-1]:.4g}",
            remedies.stop_early(stand.case),
        )
    if epochs.is_rising(first) or (stand.is_last and epochs.is_worse(first)):
        yield Finding(
            "K225",
            "warning",
            f"training makes it worse: the loss of the first batch was {first:.4g}, that of epoch "
            f"{len(epochs.losses)} is {epochs.losses[-1]:.4g}",
            remedies.calm_down(stand.case),
        )


def explosion(case: Case, growth: Growth, restored: int | None, layer: str = "") -> Finding:
    """The loss grew beyond all measure, and training was stopped."""
    where = f"; the gradient is largest in layer {layer!r}" if layer else ""
    kept = "" if restored is None else f", last good weights (of step {restored}) restored"
    return Finding(
        "K123",
        "error",
        f"Loss grew ×{growth.ratio:.3g} in the first {growth.steps} steps; stopped at step {growth.steps}{kept}{where}",
        remedies.calm_down(case, growth.by_step),
    )


def breakdown(case: Case, problem: str, growth: Growth, restored: int | None) -> Finding:
    """The loss or a gradient is not finite."""
    grew = f"; the loss had grown ×{growth.ratio:.3g}, last good weights (of step {restored}) restored"
    text = problem if restored is None else problem.partition(";")[0] + grew
    return Finding("K123", "error", text, remedies.calm_down(case, growth.by_step))


def out_of_range(case: Case, problem: str) -> Finding:
    """The loss is not finite before the learning rate could matter: what comes out of the model is no input for it."""
    facts = Facts(Shared(case))
    seen = f"; the activation of the output is {facts.activation!r}" if facts.outputs == 1 else ""
    return Finding("K123", "error", f"{problem}{seen}, and the loss cannot take all that it gives")


# ---- from a probe ----


def of_step(stand: Stand, preview: Preview) -> list[Finding]:
    """What a probe shows: always layers that are dead as a whole, and other causes where the loss does not fall."""
    if not stand.is_stuck and not (stand.is_suspect and _same_for_all(stand, preview)):
        return _as_list(_dead(stand, preview, 1.0))
    looks: tuple[Callable[[Stand, Preview], Finding | None], ...] = (
        lambda stand, preview: _dead(stand, preview, stand.policy.dead),
        _saturated,
        _jumping,
        _frozen,
        _vanishing,
        _constant,
    )
    return next((found for look in looks if (found := _as_list(look(stand, preview)))), [])


def _as_list(finding: Finding | None) -> list[Finding]:
    return [] if finding is None else [finding]


def _dead(stand: Stand, preview: Preview, share: float) -> Finding | None:
    trained = {layer.path for layer in preview.layers}
    dead = [
        item
        for item in preview.activations
        if item.function == "relu" and item.dead >= share and (stand.is_stuck or item.layer in trained)
    ]
    if not dead:
        return None
    worst = dead[0]
    return Finding(
        "K220",
        "warning",
        f"dead units: layer {worst.layer!r} (relu) gives 0 in {_many(worst)} for all of {preview.rows} rows, and "
        f"learns nothing from them{_others(dead)}",
        (*remedies.activate(stand.case, stand.layers(dead), "leaky_relu"), *remedies.scale_rate(stand.case, 0.1)),
    )


def _saturated(stand: Stand, preview: Preview) -> Finding | None:
    found = [item for item in _squeezing(preview) if item.dead >= stand.policy.dead]
    if not found:
        return None
    worst = found[0]
    return Finding(
        "K226",
        "warning",
        f"saturated units: layer {worst.layer!r} ({worst.function}) is at its ends in {_many(worst)} for all of "
        f"{preview.rows} rows, and {stand.flat}{_others(found)}",
        (*remedies.activate(stand.case, stand.layers(found), "leaky_relu"), *remedies.scale_rate(stand.case, 0.1)),
    )


def _many(item: MeasuredActivation) -> str:
    if item.units == 1:
        return "its only unit"
    return f"all {item.units} units" if item.dead == 1 else f"{round(item.dead * item.units)} of {item.units} units"


def _others(items: list[MeasuredActivation]) -> str:
    names = ", ".join(repr(item.layer) for item in items[1:])
    return f"; so it is in {names}" if names else ""


def _jumping(stand: Stand, preview: Preview) -> Finding | None:
    layer = max(preview.layers, key=lambda layer: layer.ratio, default=None)
    if layer is None or layer.ratio < stand.policy.jumping:
        return None
    return Finding(
        "K222",
        "warning",
        f"exploding updates: a step changes the weights of layer {layer.path!r} by {layer.ratio:.2g} of their size "
        f"(gradient norm {layer.gradient:.3g}), and {stand.flat}",
        remedies.calm_down(stand.case),
    )


def _frozen(stand: Stand, preview: Preview) -> Finding | None:
    ratio = max((layer.ratio for layer in preview.layers), default=0.0)
    if preview.gradient == 0 or ratio > stand.policy.frozen:
        return None
    rate = "" if preview.learning_rate is None else f"; the learning rate is {preview.learning_rate:.3g}"
    factor = min(1e-3 / ratio, 1e12) if ratio > 0 else 1e3
    return Finding(
        "K223",
        "warning",
        f"{stand.flat}: a step changes the weights by {ratio:.2g} of their size{rate}",
        remedies.scale_rate(stand.case, factor),
    )


def _vanishing(stand: Stand, preview: Preview) -> Finding | None:
    layers = preview.layers
    largest = max(layers, key=lambda layer: layer.gradient, default=None)
    if largest is None:
        return None
    vanished = [layer for layer in layers if layer.gradient <= stand.policy.vanished * largest.gradient]
    if not vanished:
        return None
    least, squeezing = vanished[0], _squeezing(preview)
    # a tanh has slope 1 at its middle, a sigmoid a quarter
    steeper = "tanh" if any(item.function == "sigmoid" for item in squeezing) else "relu"
    beside = f" and {largest.gradient:.2g} in {largest.path!r}" if largest.gradient > 0 else ""
    return Finding(
        "K221",
        "warning",
        f"vanishing gradients: their norm is {least.gradient:.2g} in layer {least.path!r}{beside}, and {stand.flat}",
        remedies.activate(stand.case, stand.layers(squeezing), steeper),
    )


def _squeezing(preview: Preview) -> list[MeasuredActivation]:
    """The sigmoids and tanhs that are no outputs."""
    return [item for item in preview.activations if item.function != "relu" and not item.is_output]


def _same_for_all(stand: Stand, preview: Preview) -> MeasuredOutput | None:
    """The first output whose predictions hardly differ from row to row, though the targets do."""
    for output in preview.outputs:
        if output.spread < stand.policy.constant * min(output.target_spread or 0.0, output.size):
            return output
    return None


def _constant(stand: Stand, preview: Preview) -> Finding | None:
    output = _same_for_all(stand, preview)
    if output is None or stand.epochs.flat_steps < stand.policy.waking:
        return None
    which = f" of output {output.name!r}" if len(preview.outputs) > 1 else ""
    return Finding(
        "K223",
        "warning",
        f"{stand.flat}: the predictions{which} are the same for every row (they differ by {output.spread:.2g}, "
        f"the targets by {output.target_spread:.2g})",
    )
