"""What rules may look at: facts of one output of a case, and those that all outputs share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from kmagic.base.errors import BadData, KmagicError
from kmagic.base.registry import Entry
from kmagic.base.trees import is_nested, leaves
from kmagic.graph.user_code import is_own
from kmagic.losses import Loss
from kmagic.models.diagnosis.case import Case, Options
from kmagic.models.diagnosis.facts import model as of_model
from kmagic.models.diagnosis.facts import recipe as of_recipe
from kmagic.models.diagnosis.facts.arrays import ArrayFacts, gather
from kmagic.models.diagnosis.facts.recipe import MetricFact
from kmagic.models.own import own_steps
from kmagic.models.preparation.step import StepFailed, holds_arrays
from kmagic.models.recipe import Recipe, loss_entry, loss_object
from kmagic.models.rows import features_of
from kmagic.training.sources import first_batch, is_stream, repeats, unpack_x_y_sample_weight

DEFAULT_BATCH = 32
Answer = TypeVar("Answer")


class Gathered:
    """Facts of arrays, kept for as long as somebody looks at the same ones."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], tuple[Any, ArrayFacts]] = {}
        self._prepared: dict[Any, tuple[Any, Any, Any, Any]] = {}
        self._answers: dict[Any, tuple[Any, Any]] = {}
        self._first: dict[int, tuple[Any, tuple[Any, Any]]] = {}

    def facts(self, array: Any, name: str) -> ArrayFacts:
        """The facts of an array under a name."""
        key = (id(array), name)
        if key not in self._kept:
            other = next((facts for kept, facts in self._kept.values() if kept is array), None)
            self._kept[key] = (array, replace(other, name=name) if other else gather(array, name))
        return self._kept[key][1]

    def answer(self, question: str, found: Sequence[ArrayFacts], look: Callable[[], Answer]) -> Answer:
        """What `look` says about these arrays, looked at once: for questions that take more than a moment."""
        key = (question, *map(id, found))
        if key not in self._answers:
            # the facts are kept too, so that no others take their place in memory
            self._answers[key] = (tuple(found), look())
        answer: Answer = self._answers[key][1]
        return answer

    def sampled(self, case: Case) -> Case:
        """The case with the first batch in place of a stream, or with no data where a look would use it up."""
        data = case.x
        if not is_stream(data):
            return case
        if not repeats(data):
            return replace(case, x=None, y=None, is_sample=True)
        if id(data) not in self._first:
            # the stream is kept too, so that no other takes its place in memory
            self._first[id(data)] = (data, _first_of(data))
        x, y = self._first[id(data)][1]
        return replace(case, x=x, y=y, is_sample=True)

    def prepared(self, case: Case, x: Any, y: Any, training: bool) -> tuple[Any, Any]:
        """What the model gets for data; the same arrays each time, so that their facts are kept too."""
        preparation = case.model.preparation
        if not preparation:
            return x, y
        key = (id(x), id(y), training, preparation.steps)
        names = (case.model.input_names, case.model.output_names)
        if key not in self._prepared:
            # the user's arrays are kept too, so that no other array takes their place in memory
            self._prepared[key] = (x, y, *preparation.data(x, y, None, training, names)[:2])
        return self._prepared[key][2], self._prepared[key][3]


def _first_of(data: Any) -> tuple[Any, Any]:
    """x and y of the first batch of a stream; nothing where it cannot be had, which training will tell."""
    try:
        return unpack_x_y_sample_weight(first_batch(data))[:2]
    except Exception:
        return None, None


class Shared:
    """Facts of a case that all outputs share."""

    def __init__(self, case: Case, gathered: Gathered | None = None) -> None:
        self.gathered = gathered or Gathered()
        self.case = self.gathered.sampled(case)
        self.model: Any = case.model.behind_text if case.model is not None else None
        self._failed: list[tuple[str, StepFailed]] = []

    @cached_property
    def data(self) -> tuple[Any, Any]:
        """x and y as the model gets them."""
        if self.case.is_prepared:
            return self.case.x, self.case.y
        x, y = self._prepared("", self.case.x, self.case.y, True) or (None, None)
        return self._read(x), y

    def _read(self, x: Any) -> Any:
        """What a model that takes text makes of it before the graph; None if it cannot be read, which `fit` tells."""
        if x is None or not self.case.model.takes_text:
            return x
        try:
            found = features_of(self.case.model, x, "fit")
        except KmagicError:
            return None
        self.model = self.case.model.behind_text
        return found

    def _prepared(self, title: str, x: Any, y: Any, training: bool) -> tuple[Any, Any] | None:
        try:
            return self.gathered.prepared(self.case, x, y, training)
        except StepFailed as failure:
            self._failed.append((title, failure))
            return None

    @cached_property
    def preparation_error(self) -> tuple[str, StepFailed] | None:
        """Why a step of `model.preparation` does not take the data, and which data: '' or 'validation '."""
        _ = self.data, self.validation
        return self._failed[0] if self._failed else None

    @cached_property
    def x(self) -> list[ArrayFacts]:
        """Facts of each input."""
        given = self.data[0]
        return self._inputs(given, "x", self.model.input_names)

    def _inputs(self, tree: Any, title: str, names: Any) -> list[ArrayFacts]:
        if tree is None:
            return []
        if not holds_arrays(tree):
            return [self.gathered.facts(tree, title)]
        if not own_steps(self.model):
            try:
                tree = self.model.needed(tree, title)
            except BadData:  # which `fit` tells
                return []
        if isinstance(tree, dict) and names and set(names) <= set(tree):
            return [self.gathered.facts(tree[name], f"{title}[{name!r}]") for name in names]
        parts = leaves(tree)
        return [
            self.gathered.facts(part, title if len(parts) == 1 else f"{title}[{i}]")
            for i, part in enumerate(parts)
            if part is not None
        ]

    @cached_property
    def outputs(self) -> of_model.Outputs:
        """What the model gives for such inputs."""
        return of_model.outputs_of(self.model, [facts for facts in self.x if facts.shape])

    @cached_property
    def names(self) -> list[str]:
        """The names of the outputs."""
        known = self.case.model.output_names
        if known is not None:
            return list(known)
        if own_steps(self.case.model):  # nobody knows what the model is called on
            return ["output"]
        count = len(self.outputs.shapes)
        return [f"output_{number + 1}" for number in range(count)] if count > 1 else ["output"]

    def target(self, tree: Any, title: str, output: int) -> ArrayFacts | None:
        """Facts of the target of an output, None where there is none."""
        name = self.names[output]
        if len(self.names) == 1:
            given = leaves(tree)[0] if holds_arrays(tree) and len(leaves(tree)) == 1 else tree
            return None if given is None else self.gathered.facts(given, title)
        if isinstance(tree, dict):
            found = tree.get(name)
            return None if found is None else self.gathered.facts(found, f"{title}[{name!r}]")
        if is_nested(tree) and len(tree) == len(self.names) and tree[output] is not None:
            return self.gathered.facts(tree[output], f"{title}[{output}]")
        return None

    @cached_property
    def validation(self) -> tuple[Any, Any] | None:
        """x and y of `validation_data` as the model gets them."""
        given = self.case.options.validation_data
        if not isinstance(given, list | tuple) or len(given) not in (2, 3):
            return None
        found = self._prepared("validation ", given[0], given[1], False)
        return found if found is None else (self._read(found[0]), found[1])

    @cached_property
    def layers(self) -> list[Any]:
        """All layers that hold no others, in order."""
        return of_model.leaf_layers(self.model)

    @cached_property
    def optimizer(self) -> Any:
        """The optimizer, None where it cannot be made."""
        return of_recipe.optimizer_of(self.case.recipe)


class Facts:
    """The facts of one output of a case; nothing here raises because of what a user wrote."""

    def __init__(self, shared: Shared, output: int = 0) -> None:
        self.shared = shared
        self.output = output

    def answer(self, question: str, found: Sequence[ArrayFacts], look: Callable[[], Answer]) -> Answer:
        """What `look` says about these arrays; kept for later reviews of the same data."""
        return self.shared.gathered.answer(question, found, look)

    # ---- the case ----

    @property
    def case(self) -> Case:
        """What is looked at."""
        return self.shared.case

    @property
    def model(self) -> Any:
        """The model, of one that takes text what is behind it."""
        return self.shared.model

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return self.case.recipe

    @cached_property
    def options(self) -> Options:
        """The arguments of `fit`, with weights of classes by the numbers that the model knows them by."""
        given = self.case.options
        return dataclasses.replace(given, class_weight=self.model.preparation.class_numbers(given.class_weight))

    @property
    def outputs(self) -> int:
        """How many outputs the model has."""
        return len(self.shared.names)

    @property
    def output_names(self) -> list[str]:
        """The names of all outputs."""
        return self.shared.names

    @property
    def output_name(self) -> str:
        """The name of this output."""
        return self.shared.names[self.output]

    # ---- the model ----

    @property
    def layers(self) -> list[Any]:
        """All layers of the model that hold no others, in order."""
        return self.shared.layers

    def first_layers(self, place: int = 0) -> list[Any] | None:
        """The layers that change what enters at an input first; None where that is not known."""
        return of_model.first_layers(self.model, place)

    @property
    def may_add_losses(self) -> bool:
        """Whether there is code of the user's own that may call `add_loss`."""
        return any(not is_own(type(layer)) for layer in self.model._with_inner())

    @property
    def build_error(self) -> Any:
        """Why the model does not take such inputs, None where it does."""
        return self.shared.outputs.error

    @property
    def head(self) -> Any:
        """The layer whose activation makes the output; None where it is not known."""
        heads = self.shared.outputs.heads
        return heads[self.output] if self.output < len(heads) else None

    @cached_property
    def activation(self) -> str:
        """The name of the output's activation ('linear' for none), '' where it is not known."""
        return of_model.activation_of(self.head)

    @cached_property
    def gives_probabilities(self) -> bool:
        """Whether the output's activation makes probabilities."""
        return of_model.gives_probabilities(self.head)

    @property
    def output_shape(self) -> Any:
        """The output's shape, None on axes that are not known; None where nothing is known."""
        shapes = self.shared.outputs.shapes
        return shapes[self.output] if self.output < len(shapes) else None

    @property
    def units(self) -> int | None:
        """The size of the output's last axis, where there is one beside the batch."""
        shape = self.output_shape
        return shape[-1] if shape and len(shape) > 1 else None

    # ---- the recipe ----

    @property
    def chosen_loss(self) -> Any:
        """What the recipe names as this output's loss."""
        return of_recipe.loss_of(self.recipe, self.output_names, self.output)

    @cached_property
    def form(self) -> str:
        """Which accuracy and crossentropy suit target and output: 'binary', 'categorical' or 'sparse_categorical'."""
        if self.units == 1:
            return "binary"
        shape = self.y.shape if self.y is not None else ()
        if self.y is not None and self.output_shape is not None:
            is_sparse = len(shape) < len(self.output_shape) or (shape[-1:] == (1,) and self.units != 1)
            return "sparse_categorical" if is_sparse else "categorical"
        return "sparse_categorical" if self.loss_tagged("integer labels") else "categorical"

    def loss_tagged(self, tag: str) -> bool:
        """Whether a loss that is named outright carries a tag; 'crossentropy' has no form yet."""
        entry = loss_entry(loss_object(self.chosen_loss, "categorical"))
        return entry is not None and tag in entry.tags

    @cached_property
    def loss(self) -> Loss | None:
        """The loss object, None where there is none or it cannot be made."""
        return loss_object(self.chosen_loss, self.form)

    @cached_property
    def loss_entry(self) -> Entry | None:
        """What the registry knows of the loss; None for the user's own."""
        return loss_entry(self.loss)

    @property
    def loss_name(self) -> str:
        """The name of the loss, for messages."""
        return self.loss_entry.name if self.loss_entry else str(getattr(self.loss, "name", None) or "the loss")

    def loss_has(self, *tags: str) -> bool:
        """Whether the loss carries all these tags."""
        return self.loss_entry is not None and set(tags) <= set(self.loss_entry.tags)

    @property
    def from_logits(self) -> bool:
        """Whether the loss takes logits."""
        options = getattr(self.loss, "options", {})
        return bool(getattr(self.loss, "from_logits", options.get("from_logits", False)))

    @cached_property
    def metrics(self) -> list[MetricFact]:
        """The metrics of this output."""
        return of_recipe.metric_facts(self.recipe, self.output_names, self.output, self.form)

    @property
    def optimizer(self) -> Any:
        """The optimizer object, None where it cannot be made; not to be built or changed."""
        return self.shared.optimizer

    @property
    def learning_rate(self) -> float | None:
        """The learning rate that training starts with, None where it is not a number."""
        rate = getattr(self.optimizer, "_learning_rate", None)
        try:
            return float(np.asarray(rate(0) if callable(rate) else rate))
        except (TypeError, ValueError):
            return None

    # ---- the data, as the model gets them ----

    @property
    def preparation_error(self) -> tuple[str, StepFailed] | None:
        """Why a step of `model.preparation` does not take the data, and which data; they are not known then."""
        return self.shared.preparation_error

    @property
    def x(self) -> list[ArrayFacts]:
        """Facts of each input; empty while no data are known."""
        return self.shared.x

    @cached_property
    def y(self) -> ArrayFacts | None:
        """Facts of this output's target."""
        return self.shared.target(self.shared.data[1], "y", self.output)

    @cached_property
    def validation(self) -> tuple[Sequence[ArrayFacts], ArrayFacts | None] | None:
        """Facts of `validation_data`: of its inputs, and of this output's target in it."""
        if self.shared.validation is None:
            return None
        x, y = self.shared.validation
        inputs = self.shared._inputs(x, "validation x", self.model.input_names)
        return inputs, self.shared.target(y, "validation y", self.output)

    @property
    def rows(self) -> int:
        """How many rows there are, 0 while no data are known."""
        return self.x[0].rows if self.x else 0

    @property
    def training_rows(self) -> int:
        """How many rows are left to learn from beside those held out."""
        split = self.options.validation_split
        held = split if self.options.validation_data is None and isinstance(split, float) and 0 < split < 1 else 0.0
        return int(self.rows * (1 - held))

    @property
    def batch_size(self) -> int:
        """How many rows a step takes."""
        if self.case.is_sample and self.rows:
            return self.rows
        given, steps = self.options.batch_size, self.options.steps_per_epoch
        if given is None and self.rows and isinstance(steps, int) and steps > 0:
            return -(-self.rows // steps)
        size = given if isinstance(given, int) and given > 0 else DEFAULT_BATCH
        return min(size, self.training_rows) if self.training_rows else size
