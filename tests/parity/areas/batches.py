"""Training on batches that come one after the other: generators, PyDataset, and arrays with a number of steps.

Where a generator runs out and epochs are left, Keras goes on with the two batches that it had looked at before; that is
not recorded, since nobody wants it. Nor is a PyDataset with several workers: Keras looks at its first batch before, and
begins with the ones after it then. And `normalize(x, axis=0)` divides by the norms of other columns there.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..area import Area, Library, Results
from ..scenarios import COLUMNS, WEIGHTS, Scenario, X, Y, compiled, entering, logs, play, told, weights_of
from ..small_models import layered

SCENARIOS: list[Scenario] = []
scenario = entering(SCENARIOS)

SIZES = (5, 3, 7, 1, 7)  # of batches: 23 rows
EDGES = np.cumsum((0, *SIZES)).tolist()
PARTS = [slice(start, stop) for start, stop in itertools.pairwise(EDGES)]
BATCHES = [(X[part], Y[part]) for part in PARTS]


def endless(batches: Any) -> Iterator[Any]:
    """Batches round and round."""
    yield from itertools.cycle(batches)


def once(batches: Any) -> Iterator[Any]:
    """Batches to their end."""
    yield from batches


def numbered(library: Library, batches: Any, **options: Any) -> Any:
    """Batches by number."""

    class Numbered(library.utils.PyDataset):  # type: ignore[misc, name-defined]
        def __len__(self) -> int:
            return len(batches)

        def __getitem__(self, index: int) -> Any:
            return batches[index]

    return Numbered(**options)


def fitted(model: Any, data: Any, *further: Any, **options: Any) -> Results:
    """History and weights of a training in order, without what Keras says of data that run out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = model.fit(data, *further, shuffle=False, verbose=0, **options)
    return told(history) | weights_of(model) | {"steps": history.params["steps"]}


# ---- generators ----


@scenario
def a_generator_goes_on_over_epochs(library: Library) -> Results:
    return fitted(compiled(library), endless(BATCHES), steps_per_epoch=4, epochs=3)


@scenario
def a_generator_is_one_epoch(library: Library) -> Results:
    return fitted(compiled(library), once(BATCHES))


@scenario
def a_generator_ends_in_the_last_epoch(library: Library) -> Results:
    return fitted(compiled(library), once(BATCHES * 2), steps_per_epoch=4, epochs=3)


@scenario
def a_generator_with_weights_of_samples(library: Library) -> Results:
    batches = [(X[part], Y[part], WEIGHTS[part]) for part in PARTS]
    return fitted(compiled(library), endless(batches), steps_per_epoch=5, epochs=2)


@scenario
def a_generator_from_a_later_epoch_on(library: Library) -> Results:
    return fitted(compiled(library), endless(BATCHES), steps_per_epoch=3, initial_epoch=2, epochs=4)


@scenario
def callbacks_hear_of_every_batch_of_a_generator(library: Library) -> Results:
    heard: list[Any] = []

    class Listening(library.callbacks.Callback):  # type: ignore[misc, name-defined]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            heard.append(f"epoch {epoch}")

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            heard.append(batch)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            heard.append(sorted(logs))

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            heard.append(f"test {batch}")

    options = {"validation_data": numbered(library, BATCHES[:2]), "callbacks": [Listening()]}
    results = fitted(compiled(library), endless(BATCHES), steps_per_epoch=3, epochs=2, **options)
    return results | {"heard": heard}


@scenario
def a_rate_by_schedule_counts_the_steps_of_a_generator(library: Library) -> Results:
    model = layered(library, (COLUMNS, 3, 1), head="sigmoid")
    schedule = library.optimizers.schedules.ExponentialDecay(0.5, 3, 0.5, staircase=True)
    model.compile(library.optimizers.SGD(schedule), "binary_crossentropy")
    return fitted(model, endless(BATCHES), steps_per_epoch=4, epochs=3)


# ---- PyDataset ----


@scenario
def uneven_batches_count_by_their_rows(library: Library) -> Results:
    return fitted(compiled(library), numbered(library, BATCHES), epochs=3)


@scenario
def weights_of_classes(library: Library) -> Results:
    return fitted(compiled(library), numbered(library, BATCHES), epochs=2, class_weight={0: 0.5, 1: 3.0})


@scenario
def fewer_steps_than_batches_go_on_in_the_next_epoch(library: Library) -> Results:
    return fitted(compiled(library), numbered(library, BATCHES), steps_per_epoch=2, epochs=4)


@scenario
def more_steps_than_batches_end_with_them(library: Library) -> Results:
    return fitted(compiled(library), numbered(library, BATCHES), steps_per_epoch=8, epochs=2)


@scenario
def batches_may_be_lists_and_one_array(library: Library) -> Results:
    model = compiled(library)
    results = fitted(model, numbered(library, [list(batch) for batch in BATCHES]), epochs=2)
    return results | {"predicted": model.predict(numbered(library, [x for x, _ in BATCHES]), verbose=0)}


# ---- validation ----


@scenario
def validation_by_number_begins_anew_each_time(library: Library) -> Results:
    held_out = numbered(library, BATCHES)
    options = {"validation_data": held_out, "validation_steps": 2, "epochs": 3}
    return fitted(compiled(library), endless(BATCHES), steps_per_epoch=3, **options)


@scenario
def validation_every_second_epoch(library: Library) -> Results:
    options = {"validation_data": numbered(library, BATCHES[2:]), "validation_freq": 2, "epochs": 4}
    return fitted(compiled(library), numbered(library, BATCHES), **options)


@scenario
def validation_on_a_generator(library: Library) -> Results:
    options = {"validation_data": endless(BATCHES[:2]), "validation_steps": 2, "epochs": 3}
    return fitted(compiled(library), numbered(library, BATCHES), **options)


@scenario
def validation_arrays_beside_a_generator(library: Library) -> Results:
    options = {"validation_data": (X, Y), "validation_batch_size": 4, "validation_steps": 3, "epochs": 2}
    return fitted(compiled(library), endless(BATCHES), steps_per_epoch=3, **options)


# ---- arrays with a number of steps ----


@scenario
def arrays_are_cut_by_steps(library: Library) -> Results:
    return fitted(compiled(library), X, Y, batch_size=5, steps_per_epoch=2, epochs=4)


@scenario
def steps_alone_choose_the_batch_size(library: Library) -> Results:
    return fitted(compiled(library), X, Y, steps_per_epoch=4, epochs=2)


@scenario
def evaluations_and_predictions_of_some_steps(library: Library) -> Results:
    model = compiled(library)
    calls = {
        "arrays": ((X, Y), {"batch_size": 5, "steps": 3}),
        "steps alone": ((X, Y), {"steps": 3}),
        "generator": ((endless(BATCHES),), {"steps": 3}),
        "by number": ((numbered(library, BATCHES),), {"steps": 4}),
        "all by number": ((numbered(library, BATCHES),), {}),
    }
    results: Results = {}
    for title, (data, options) in calls.items():
        results |= logs(model.evaluate(*data, verbose=0, return_dict=True, **options), title)
    for title, ((data, *_), options) in (calls | {"generator": ((endless(BATCHES),), {"steps": 3})}).items():
        results[f"predicted/{title}"] = model.predict(data, verbose=0, **options)
    return results


# ---- several inputs and outputs ----


def branched(library: Library) -> Any:
    """Two inputs and two outputs, with weights that are known."""
    layers = library.layers
    left, right = layers.Input((COLUMNS,), name="left"), layers.Input((2,), name="right")
    joined = layers.Concatenate()([left, right])
    outputs = [layers.Dense(1, "sigmoid", name="kind")(joined), layers.Dense(2, name="place")(joined)]
    model = library.Model([left, right], outputs)
    stream = np.random.default_rng(5)
    model.set_weights([stream.normal(size=array.shape, scale=0.3) for array in model.get_weights()])
    optimizer = library.optimizers.SGD(0.1)
    model.compile(optimizer, {"kind": "binary_crossentropy", "place": "mse"}, metrics={"place": ["mae"]})
    return model


def in_lists(part: slice) -> Any:
    """A batch of lists."""
    return [X[part], X[part, :2]], [Y[part], X[part, 1:3]]


def in_dictionaries(part: slice) -> Any:
    """A batch of dictionaries."""
    (left, right), (kind, place) = in_lists(part)
    return {"left": left, "right": right}, {"kind": kind, "place": place}


@scenario
def several_inputs_in_lists(library: Library) -> Results:
    batches = [tuple(map(tuple, in_lists(part))) for part in PARTS]
    return fitted(branched(library), endless(batches), steps_per_epoch=5, epochs=2)


@scenario
def several_inputs_in_dictionaries(library: Library) -> Results:
    batches = [in_dictionaries(part) for part in PARTS]
    return fitted(branched(library), numbered(library, batches), epochs=2)


# ---- utilities ----


@dataclass(frozen=True)
class Utility:
    """A function of `utils` and what it is called with."""

    name: str
    function: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]


LISTS = ([1, 2, 3], [4], [5, 6])
UTILITIES = (
    Utility("to_categorical", "to_categorical", ([0, 2, 1, 3],), {}),
    Utility("to_categorical, five classes", "to_categorical", ([[0], [2]],), {"num_classes": 5}),
    Utility("to_categorical, two axes", "to_categorical", ([[0, 1], [2, 0]],), {}),
    Utility("normalize", "normalize", (X[:4],), {}),
    Utility("normalize by sums", "normalize", (X[:4],), {"order": 1}),
    Utility("pad_sequences", "pad_sequences", (LISTS,), {}),
    Utility("pad_sequences behind", "pad_sequences", (LISTS,), {"padding": "post", "value": -1}),
    Utility("pad_sequences, cut", "pad_sequences", (LISTS,), {"maxlen": 2}),
    Utility("pad_sequences, cut behind", "pad_sequences", (LISTS,), {"maxlen": 2, "truncating": "post"}),
    Utility("pad_sequences of floats", "pad_sequences", (LISTS,), {"maxlen": 4, "dtype": "float64", "value": 0.5}),
)


def used(library: Library, case: Utility) -> Results:
    """What a function of `utils` gives."""
    found = np.asarray(getattr(library.utils, case.function)(*case.arguments, **case.options))
    return {"value": found.astype("float64"), "shape": list(found.shape), "is whole": found.dtype.kind == "i"}


AREAS = (
    Area("training on batches", SCENARIOS, play),
    Area("utilities for data", UTILITIES, used),
)
