"""Recipe: what `compile` chose, as plain data that can be shown as Python or as a magic line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kmagic import losses, metrics, optimizers
from kmagic.base.errors import BadType, BadValue
from kmagic.base.parts import Part
from kmagic.graph.load import ops
from kmagic.losses import Loss
from kmagic.metrics import Metric
from kmagic.optimizers import Optimizer

ACCURACY = ("accuracy", "acc")
CROSSENTROPY = ("crossentropy", "ce")


@dataclass(frozen=True)
class Recipe:
    """Optimizer, loss and metrics as the user named them: strings, objects or functions."""

    optimizer: Any = "rmsprop"
    loss: Any = None
    metrics: tuple[Any, ...] = ()
    weighted_metrics: tuple[Any, ...] = ()

    def python(self, name: str = "model") -> str:
        """The same choice as a line of Python.

        >>> Recipe("adam", "mse", ("mae",)).python("m")
        "m.compile(optimizer='adam', loss='mse', metrics=['mae'])"
        """
        parts = [f"optimizer={self.optimizer!r}"]
        if self.loss is not None:
            parts.append(f"loss={_written(self.loss)}")
        for title, chosen in (("metrics", self.metrics), ("weighted_metrics", self.weighted_metrics)):
            if chosen:
                parts.append(f"{title}=[{', '.join(map(_written, chosen))}]")
        return f"{name}.compile({', '.join(parts)})"

    def magic(self, name: str = "model") -> str:
        """The same choice as a magic line.

        >>> Recipe("adam", "mse", ("mae",)).magic("m")
        '%kcompile m --optimizer adam --loss mse --metrics mae'
        """
        parts = ["%kcompile", name, "--optimizer", _word(self.optimizer)]
        if self.loss is not None:
            parts += ["--loss", _word(self.loss)]
        for title, chosen in (("--metrics", self.metrics), ("--weighted-metrics", self.weighted_metrics)):
            if chosen:
                parts += [title, *map(_word, chosen)]
        return " ".join(parts)


def _written(choice: Any) -> str:
    return getattr(choice, "__name__", repr(choice))


def _word(choice: Any) -> str:
    """A choice as one word of a magic line."""
    text = choice if isinstance(choice, str) else _written(choice)
    return f'"{text}"' if " " in text else text


def make_recipe(optimizer: Any, loss: Any, chosen: Any, weighted: Any) -> Recipe:
    """Check every name now, so that a typing error shows at `compile` and not at `fit`."""
    recipe = Recipe(optimizer, loss, _as_tuple(chosen, "metrics"), _as_tuple(weighted, "weighted_metrics"))
    make_optimizer(recipe.optimizer)
    if isinstance(recipe.loss, list | tuple | dict):
        raise BadType(
            f"loss is {recipe.loss!r}", where="compile", expected="one loss: the model has one output", fix="loss='mse'"
        )
    if not (isinstance(recipe.loss, str) and recipe.loss.lower() in CROSSENTROPY) and recipe.loss is not None:
        losses.resolve(recipe.loss)
    for metric in recipe.metrics + recipe.weighted_metrics:
        if not (isinstance(metric, str) and metric.lower() in ACCURACY + CROSSENTROPY):
            metrics.resolve(metric)
    return recipe


def _as_tuple(chosen: Any, title: str) -> tuple[Any, ...]:
    if chosen is None:
        return ()
    if isinstance(chosen, list | tuple):
        return tuple(chosen)
    if isinstance(chosen, dict):
        raise BadType(f"{title} is a dictionary", where="compile", expected="a list: the model has one output")
    return (chosen,)


def make_optimizer(identifier: Any) -> Optimizer:
    """A new optimizer for a name or a class; an instance stays itself."""
    if identifier is None:
        raise BadValue("no optimizer", where="compile", fix="optimizer='rmsprop'")
    found = optimizers.get(identifier)
    if not isinstance(found, Optimizer):
        raise BadType(f"optimizer is {identifier!r}", where="compile", expected="a name or an optimizer object")
    return found


def make_loss(identifier: Any, target: Any, prediction: Any) -> Loss:
    """The loss object of a choice; 'crossentropy' takes the form that fits the shapes."""
    if isinstance(identifier, str) and identifier.lower() in CROSSENTROPY:
        identifier = f"{form_of(target, prediction)}_crossentropy"
    return losses.resolve(identifier)


def make_metric(identifier: Any, target: Any, prediction: Any) -> Metric:
    """The metric object of a choice; 'accuracy' and 'crossentropy' take the form that fits the shapes."""
    lower = identifier.lower() if isinstance(identifier, str) else ""
    if lower in ACCURACY + CROSSENTROPY:
        kind = "accuracy" if lower in ACCURACY else "crossentropy"
        metric = metrics.resolve(f"{form_of(target, prediction)}_{kind}")
        metric.name = identifier
        return metric
    return metrics.resolve(identifier)


def form_of(target: Any, prediction: Any) -> str:
    """Keras's rule: binary for one output, sparse for class numbers, else categorical."""
    t, p = ops.shape(target), ops.shape(prediction)
    if p[-1:] == (1,):
        return "binary"
    if len(t) < len(p) or (t[-1:] == (1,) and p[-1:] != (1,)):
        return "sparse_categorical"
    return "categorical"


def unique_names(found: Sequence[Metric], weighted: Sequence[Metric]) -> list[str]:
    """Names for logs: a second one of the same name gets `_1`, a weighted one `weighted_`; 'loss' stays the loss."""
    names = ["loss"]
    for metric in (*found, *weighted):
        stem = f"weighted_{metric.name}" if metric.name in names and metric in weighted else metric.name
        name, number = stem, 1
        while name in names:
            name, number = f"{stem}_{number}", number + 1
        names.append(name)
    return names[1:]


def config_of(part: Any) -> Any:
    """A choice as plain data."""
    if isinstance(part, Part):
        return {"class_name": type(part).__name__, "config": part.get_config()}
    return getattr(part, "__name__", part)
