"""From when on a training counts as troubled: every threshold of the watch, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Thresholds of the watch; false alarms are worse than misses, so each is far from what healthy trainings do.

    - exploding: the mean loss of the latest steps (as many as before them, at most `window`) is `explosion` times that
      of the first batch, and `doubling` times that of the steps before. Overshooting optimizers recover in fewer than
      `patience` steps.
    - flat: for at least `flat_epochs` epochs, `flat_steps` steps and a third of the training the loss has never been
      lower by more than `flat_fall` of it. One that was never lower is stuck, unless the model was trained before.
      Causes are looked for where it is stuck, or far above its beginning, or flat with predictions that differ between
      rows by less than `constant` of their size and of what the targets do: units of which `dead` give nothing,
      gradients that shrink to `vanished` of the largest, updates that are below `frozen` or above `jumping` of the
      weights. Where there is no other cause, equal predictions are told after `waking` steps: some models, recurrent
      ones among them, begin slowly.
    - rising: in two epochs in a row the loss is `rising` times that of the first epoch and of the first batch, or after
      the last epoch `worse` times that of the first batch; both after as many epochs and steps as for flat.
    - overfitting: `overfit_epochs` epochs after its best value the validation loss is higher by `overfit_rise` of it
      and by `overfit_noise` times what it usually moves by, while the training loss fell by `overfit_fall`.
    - Probes take at most `share` of the time of training; one that is flat is looked at all the same, up to `looks`
      times. Weights are copied for a way back when the steps are a quarter more, or `interval` more, up to `copied`
      bytes.
    """

    explosion: float = 1e4
    doubling: float = 10.0
    patience: int = 16
    window: int = 64
    flat_epochs: int = 3
    flat_steps: int = 60
    flat_fall: float = 0.003
    dead: float = 0.9
    vanished: float = 1e-3
    frozen: float = 1e-6
    jumping: float = 0.5
    constant: float = 0.01
    waking: int = 300
    rising: float = 3.0
    worse: float = 10.0
    overfit_epochs: int = 5
    overfit_rise: float = 0.2
    overfit_noise: float = 3.0
    overfit_fall: float = 0.1
    share: float = 0.01
    interval: int = 256
    looks: int = 3
    copied: int = 2**30
