"""Recipe: what `compile` chose, as plain data that can be shown as Python or as a magic line."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any

from kmagic import losses, optimizers
from kmagic.base.errors import BadType, BadValue, closest
from kmagic.base.parts import plain
from kmagic.base.registry import Entry
from kmagic.base.trees import is_nested, leaves
from kmagic.graph.load import ops
from kmagic.losses import Loss
from kmagic.metrics import Metric
from kmagic.metrics import deserialize as metric_from
from kmagic.metrics import resolve as resolve_metric
from kmagic.models.notation import qualified
from kmagic.optimizers import Optimizer

ACCURACY = ("accuracy", "acc")
CROSSENTROPY = ("crossentropy", "ce")


@dataclass(frozen=True)
class Recipe:
    """What `compile` was given: strings, objects or functions, for several outputs in lists or dictionaries.

    `metrics` and `weighted_metrics` are tuples, or dictionaries by output. The engine always compiles and chooses how
    many steps it runs in one call, so `jit_compile` is only remembered; `steps_per_execution` says how many steps a
    callback that looks at batches sees at once; `auto_scale_loss` is for policies with float16.
    """

    optimizer: Any = "rmsprop"
    loss: Any = None
    metrics: Any = ()
    weighted_metrics: Any = ()
    loss_weights: Any = None
    run_eagerly: bool = False
    steps_per_execution: int | str = 1
    jit_compile: bool | str = "auto"
    auto_scale_loss: bool = True

    def python(self, name: str = "model") -> str:
        """The same choice as a line of Python, parts under their full names.

        >>> Recipe("adam", "mse", ("mae",)).python("m")
        "m.compile(optimizer='adam', loss='mse', metrics=['mae'])"
        """
        parts = [f"{title}={qualified(choice)}" for title, choice in self.chosen().items()]
        return f"{name}.compile({', '.join(parts)})"

    def magic(self, name: str = "model") -> str:
        """The same choice as a magic line.

        >>> Recipe("adam", "mse", ("mae",)).magic("m")
        '%kcompile m --optimizer adam --loss mse --metrics mae'
        """
        parts = ["%kcompile", name]
        for title, choice in self.chosen().items():
            if title not in _WITHOUT_EFFECT:
                words = choice if isinstance(choice, list) and title.endswith("metrics") else [choice]
                parts += [f"--{title.replace('_', '-')}", *(_word(word) for word in words if word is not True)]
        return " ".join(parts)

    def chosen(self) -> dict[str, Any]:
        """The arguments of `compile` that differ from their defaults, the optimizer always among them."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        named = {title: list(value) if isinstance(value, tuple) else value for title, value in plain.items()}
        order = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", *_SWITCHES)
        defaults = {field.name: field.default for field in fields(self)}
        return {
            title: named[title] for title in order if title == "optimizer" or plain[title] not in (defaults[title], {})
        }


_WITHOUT_EFFECT = ("jit_compile", "auto_scale_loss")
_SWITCHES = ("run_eagerly", "steps_per_execution", *_WITHOUT_EFFECT)


def written(choice: Any) -> str:
    """A choice as Python text."""
    if isinstance(choice, dict):
        return "{" + ", ".join(f"{key!r}: {written(item)}" for key, item in choice.items()) + "}"
    if isinstance(choice, list | tuple):
        return f"[{', '.join(map(written, choice))}]"
    return getattr(choice, "__name__", repr(choice))


def _word(choice: Any) -> str:
    """A choice as one word of a magic line."""
    text = choice if isinstance(choice, str) else written(choice)
    return f'"{text}"' if " " in text else text


def make_recipe(
    optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None, weighted_metrics: Any = None, **further: Any
) -> Recipe:
    """Check every name now, so that a typing error shows at `compile` and not at `fit`."""
    return checked(Recipe(optimizer, loss, listed(metrics), listed(weighted_metrics), **further))


def checked(recipe: Recipe) -> Recipe:
    """The recipe, if everything in it can be made."""
    make_optimizer(recipe.optimizer)
    for choice in leaves(recipe.loss):
        if choice is not None and not is_word(choice, CROSSENTROPY):
            losses.resolve(choice)
    for choice in leaves([recipe.metrics, recipe.weighted_metrics]):
        if choice is not None and not is_word(choice, ACCURACY + CROSSENTROPY):
            resolve_metric(choice)
    _check_weights(recipe.loss_weights)
    steps = recipe.steps_per_execution
    if steps != "auto" and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 1):
        raise BadValue(
            f"steps_per_execution is {steps!r}", where="compile", expected="a whole number of at least 1, or 'auto'"
        )
    return recipe


def _check_weights(weights: Any) -> None:
    for weight in leaves(weights):
        if weight is not None and (isinstance(weight, bool) or not isinstance(weight, Real)):
            raise BadType(
                f"loss_weights is {weights!r}", where="compile", expected="a number for each output", fix="[1.0, 0.5]"
            )


def is_word(choice: Any, words: tuple[str, ...]) -> bool:
    """Whether a choice is one of the short words of `compile`."""
    return isinstance(choice, str) and choice.lower() in words


def listed(chosen: Any) -> Any:
    """Metrics as a tuple, a single one too; a dictionary stays one."""
    if chosen is None:
        return ()
    return (
        tuple(chosen) if isinstance(chosen, list | tuple) else dict(chosen) if isinstance(chosen, dict) else (chosen,)
    )


# ---- for each output ----


def loss_choices(recipe: Recipe, names: Sequence[str]) -> list[Any]:
    """The loss of each output; one that is given alone is that of all."""
    if not is_nested(recipe.loss):
        return [recipe.loss] * len(names)
    return _by_output(recipe.loss, names, "loss", complete=True)


def loss_factors(recipe: Recipe, names: Sequence[str]) -> list[float | None]:
    """The weight of each output's loss, None where none is given."""
    weights = recipe.loss_weights
    if weights is None:
        return [None] * len(names)
    if not is_nested(weights):
        weights = [weights]
    return _by_output(weights, names, "loss_weights", complete=True)


def metric_choices(chosen: Any, names: Sequence[str], title: str) -> list[list[Any]]:
    """The metrics of each output."""
    if len(names) == 1 and not isinstance(chosen, dict):
        return [[metric for metric in leaves(chosen) if metric is not None]]
    if not chosen:
        return [[] for _ in names]
    found = _by_output(chosen, names, title, complete=False)
    return [[metric for metric in leaves(item) if metric is not None] for item in found]


def check_outputs(recipe: Recipe, names: Sequence[str] | None) -> None:
    """Raise where lists or dictionaries do not fit the outputs, as far as these are known."""
    if names is not None:
        if recipe.loss is not None:
            loss_choices(recipe, names)
        loss_factors(recipe, names)
        for title in ("metrics", "weighted_metrics"):
            metric_choices(getattr(recipe, title), names, title)


def _by_output(chosen: Any, names: Sequence[str], title: str, complete: bool) -> list[Any]:
    """One entry for each output of a list, or of a dictionary by names."""
    if isinstance(chosen, dict):
        unknown = [key for key in chosen if key not in names]
        missing = [name for name in names if name not in chosen] if complete else []
        if unknown:
            near = closest(str(unknown[0]), names)
            raise BadValue(
                f"{title} has the key {unknown[0]!r}",
                where="compile",
                expected=f"the names of outputs: {', '.join(names)}",
                fix=f"{near[0]!r}" if near else None,
            )
        if missing:
            raise BadValue(
                f"{title} has no entry for output {missing[0]!r}",
                where="compile",
                expected=f"the keys {', '.join(names)}",
                fix=f"{{{', '.join(f'{name!r}: …' for name in names)}}}; None for an output that has none",
            )
        return [chosen.get(name) for name in names]
    if len(chosen) != len(names):
        raise BadValue(
            f"{title} has {len(chosen)} entries",
            where="compile",
            expected=f"one for each of the {len(names)} outputs ({', '.join(names)}), or a dictionary by their names",
        )
    return list(chosen)


# ---- objects ----


def make_optimizer(identifier: Any) -> Optimizer:
    """A new optimizer for a name or a class; an instance stays itself."""
    if identifier is None:
        raise BadValue("no optimizer", where="compile", fix="optimizer='rmsprop'")
    found = optimizers.get(identifier)
    if not isinstance(found, Optimizer):
        raise BadType(f"optimizer is {identifier!r}", where="compile", expected="a name or an optimizer object")
    if "_variables" not in vars(found):
        raise BadValue(
            f"{type(found).__name__} has no state",
            where="compile",
            expected="a constructor that starts the base class",
            fix="super().__init__(learning_rate=…)",
        )
    return found


def make_loss(identifier: Any, target: Any, prediction: Any) -> Loss:
    """The loss object of a choice; 'crossentropy' takes the form that fits the shapes."""
    if isinstance(identifier, str) and identifier.lower() in CROSSENTROPY:
        identifier = f"{form_of(target, prediction)}_crossentropy"
    return losses.resolve(identifier)


def loss_object(choice: Any, form: str) -> Loss | None:
    """The loss that a choice means, None where there is none of that name; `form` says which crossentropy."""
    if choice is None:
        return None
    if is_word(choice, CROSSENTROPY):
        choice = f"{form}_crossentropy"
    try:
        return losses.resolve(choice)
    except Exception:  # names and objects of the user's own, which `compile` will explain
        return None


def loss_entry(loss: Loss | None) -> Entry | None:
    """What the registry knows of a loss; None for the user's own."""
    function = getattr(loss, "fn", None)
    if function is not None:
        own = str(getattr(function, "__module__", "")).startswith(losses.__name__)
        return losses.registry.find(str(function.__name__)) if own else None
    return losses.registry.entry_of(loss) if loss is not None else None


def make_metric(identifier: Any, target: Any, prediction: Any) -> Metric:
    """The metric object of a choice; 'accuracy' and 'crossentropy' take the form that fits the shapes."""
    lower = identifier.lower() if isinstance(identifier, str) else ""
    if lower in ACCURACY + CROSSENTROPY:
        kind = "accuracy" if lower in ACCURACY else "crossentropy"
        metric = resolve_metric(f"{form_of(target, prediction)}_{kind}")
        metric.name = identifier
        return metric
    return resolve_metric(identifier)


def form_of(target: Any, prediction: Any) -> str:
    """Keras's rule: binary for one output, sparse for class numbers, else categorical."""
    t, p = ops.shape(target), ops.shape(prediction)
    if p[-1:] == (1,):
        return "binary"
    if len(t) < len(p) or (t[-1:] == (1,) and p[-1:] != (1,)):
        return "sparse_categorical"
    return "categorical"


# ---- plain data ----

_ARGUMENTS = ("loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly", "steps_per_execution")


def config_of(recipe: Recipe, optimizer: Optimizer) -> dict[str, Any]:
    """The arguments of `compile` as plain data; names stay names, except the optimizer's."""
    named = {title: plain(getattr(recipe, title)) for title in (*_ARGUMENTS, "jit_compile")}
    return {"optimizer": plain(optimizer), **{title: None if value == [] else value for title, value in named.items()}}


def arguments_of(config: Mapping[str, Any], custom_objects: dict[str, Any] | None = None) -> dict[str, Any]:
    """The arguments of `compile` that `config_of` described."""
    given = dict(config)
    given["optimizer"] = optimizers.deserialize(given["optimizer"], custom_objects)
    shelves = {"loss": losses.deserialize, "metrics": metric_from, "weighted_metrics": metric_from}
    for title, make in shelves.items():
        given[title] = _described(given.get(title), functools.partial(make, custom_objects=custom_objects))
    return given


def _described(tree: Any, make: Callable[[dict[str, Any]], Any]) -> Any:
    """The tree with every description of a part made into the part."""
    if isinstance(tree, dict):
        return make(tree) if "class_name" in tree else {key: _described(item, make) for key, item in tree.items()}
    return [_described(item, make) for item in tree] if isinstance(tree, list | tuple) else tree
