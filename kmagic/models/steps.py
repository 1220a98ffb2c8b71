"""Steps: what one batch does to a model, as methods that a subclass may override.

The steps that are compiled are these methods, so that the default is no other way of doing it. They are traced once,
as ordinary code on symbols: variables are read and assigned in the order of the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kmagic.base.errors import BadValue
from kmagic.base.trees import leaves
from kmagic.graph import trace
from kmagic.graph.eager import origin
from kmagic.graph.immediate import apart
from kmagic.graph.ops.gradient import gradients
from kmagic.graph.variable import Variable
from kmagic.models.compilable import Compilable
from kmagic.models.compiled import in_force
from kmagic.models.measuring import CompileMetrics, own_metrics, result_of
from kmagic.models.own import takes
from kmagic.models.targets import batch_of
from kmagic.training.sources import unpack_x_y_sample_weight


class Steps(Compilable):
    """A layer with the steps of training, evaluation and prediction.

    A subclass may override any of these: `fit`, `evaluate`, `predict` and the functions for single batches run what
    it says, compiled, or line by line with `run_eagerly`.

        class Model(kmagic.Model):
            def train_step(self, data):
                x, y = data
                y_pred = self(x, training=True)
                loss = kmagic.ops.mean((y_pred - y) ** 2)
                grads = kmagic.gradients(loss, self.trainable_variables)
                self.optimizer.apply(grads, self.trainable_variables)
                return {"loss": loss}
    """

    # ---- one batch ----

    def train_step(self, data: Any) -> dict[str, Any]:
        """Update the weights once, and return what is logged.

        `data` is what `fit` was given, for one batch: x, (x, y) or (x, y, sample_weight). The values that are returned
        are those of metrics, which then go on over the epoch, or of this batch alone. A step that computes something
        that is not finite changes nothing.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = self._loss_of_batch(x, y, y_pred, sample_weight, training=True)
        self._update_weights(loss)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure one batch without training, and return what is logged; `data` as in `train_step`."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._loss_of_batch(x, y, y_pred, sample_weight, training=False)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """What the model makes of one batch: a value, or several in lists and dictionaries."""
        return self(unpack_x_y_sample_weight(data)[0], training=False)

    def _loss_of_batch(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Any:
        """The loss, also tracked; a smaller last batch counts by its rows."""
        further = {"training": training} if takes(self.compute_loss, "training") else {}
        loss = self.compute_loss(x, y, y_pred, sample_weight, **further)
        with origin(layer="metrics", phase="metrics"):
            self._needs_compile("fit").track(loss, leaves(x, skip_none=True)[0].shape[0])
        return loss

    def _update_weights(self, loss: Any) -> None:
        current, variables = trace.current(), self.trainable_variables
        assert current is not None
        current.check(loss)
        if variables:
            if not self.optimizer.built:  # a loss may be scaled by the optimizer's state
                self.optimizer.build(variables)
            self.optimizer.apply(gradients(self.optimizer.scale_loss(loss), variables), variables)

    # ---- its loss ----

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The loss that training makes small: those of `compile` by their weights, and what layers have added.

        An override may call this one and add to it:

            def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
                loss = super().compute_loss(x, y, y_pred, sample_weight, training)
                return loss + 0.1 * kmagic.ops.mean(kmagic.ops.square(y_pred))
        """
        compiled = self._needs_compile("compute_loss")
        names, batch = batch_of(self, y, y_pred, sample_weight)
        compiled.settle_losses(names, batch, isinstance(y_pred, dict))
        values = compiled.losses(batch)
        compiled.track_terms(values, batch)
        with origin(layer="loss"):
            return compiled.total(values, self.losses)

    # ---- what is measured ----

    @property
    def metrics(self) -> list[Any]:
        """The metrics of `compile`, the loss first, then those that are attributes of the model and of its layers.

        What is listed here is reset at the start of each epoch and evaluation.
        """
        compiled = in_force(self)
        chosen = list(compiled.trackers) if compiled else []
        if compiled and compiled.has_metrics and compiled.measures is None:
            chosen.append(CompileMetrics(self._measure))
        return [*chosen, *own_metrics(self)]

    @property
    def metrics_names(self) -> list[str]:
        """The names of logs."""
        compiled = in_force(self)
        return list(dict.fromkeys([*(compiled.names if compiled else ["loss"]), *(m.name for m in own_metrics(self))]))

    @property
    def metrics_variables(self) -> list[Variable]:
        """The state of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Update the metrics of `compile` with a batch, and return the values of all metrics.

        An override may measure more:

            def compute_metrics(self, x, y, y_pred, sample_weight=None):
                logs = super().compute_metrics(x, y, y_pred, sample_weight)
                self.spread.update_state(kmagic.ops.std(y_pred))
                return logs | {"spread": self.spread.result()}
        """
        self._measure(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def _measure(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        compiled = self._needs_compile("compute_metrics")
        if compiled.has_metrics:
            names, batch = batch_of(self, y, y_pred, sample_weight)
            with origin(layer="metrics", phase="metrics"):
                compiled.settle_metrics(names, batch)
                compiled.measure(batch)

    def get_metrics_result(self) -> dict[str, Any]:
        """The values of all metrics under the names of logs."""
        compiled = in_force(self)
        found: dict[str, Any] = {}
        titles = compiled.titles if compiled else {}
        for metric in self.metrics:
            value = result_of(metric)
            title = titles.get(id(metric))
            found |= value if isinstance(value, dict) and title is None else {title or metric.name: value}
        return found

    def reset_metrics(self) -> None:
        """Forget what was measured."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def compiled_loss(self) -> Any:
        """What Keras 2 had here is `compute_loss` now."""
        raise AttributeError("compiled_loss is of Keras 2; loss = self.compute_loss(x, y, y_pred, sample_weight)")

    @property
    def compiled_metrics(self) -> Any:
        """What Keras 2 had here is `compute_metrics` now."""
        raise AttributeError(
            "compiled_metrics is of Keras 2; logs = self.compute_metrics(x, y, y_pred, sample_weight) updates them"
        )

    # ---- without side effects ----

    def stateless_compute_loss(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        metrics_variables: Sequence[Any],
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """`compute_loss` where variables have these values, and all of them afterwards; nothing is changed.

        Returns `(loss, (trainable_variables, non_trainable_variables, metrics_variables))`.
        """
        groups = [self.trainable_variables, self.non_trainable_variables, self.metrics_variables]
        values = [list(trainable_variables), list(non_trainable_variables), list(metrics_variables)]
        for own, given in zip(groups, values, strict=True):
            if len(own) != len(given):
                raise BadValue(
                    f"{len(given)} values for {len(own)} variables", where="stateless_compute_loss", expected="one each"
                )

        def computed() -> Any:
            further = {"training": training} if takes(self.compute_loss, "training") else {}
            loss = self.compute_loss(x, y, y_pred, sample_weight, **further)
            return loss, tuple([variable.value for variable in own] for own in groups)

        return apart(sum(groups, []), sum(values, []), computed)
