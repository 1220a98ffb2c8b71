"""What fit, evaluate, predict, compile and the single-batch methods do and answer."""

from __future__ import annotations

import numpy as np

from .reading import config_of, numpy_of, variable_facts
from .scenarios import (
    BATCH,
    COLUMNS,
    FIT,
    ROWS,
    WEIGHTS,
    Library,
    Results,
    Scenario,
    X,
    Y,
    compiled,
    entering,
    logs,
    shape_of_answer,
    told,
    weights_of,
)
from .small_models import layered

SCENARIOS: list[Scenario] = []
scenario = entering(SCENARIOS)

# ---- fit ----


@scenario
def history_has_a_value_per_epoch_and_validation_runs_when_asked(library: Library) -> Results:
    model = compiled(library)
    history = model.fit(X, Y, epochs=5, validation_split=0.2, validation_freq=2, **FIT)
    same = model.history is history
    return told(history) | {"parameters": dict(history.params), "is the model's history": same}


@scenario
def validation_epochs_can_be_listed(library: Library) -> Results:
    return told(compiled(library).fit(X, Y, epochs=4, validation_split=0.2, validation_freq=[1, 4], **FIT))


@scenario
def validation_split_takes_the_last_part(library: Library) -> Results:
    model = compiled(library, learning_rate=0.0)
    results = told(model.fit(X, Y, epochs=1, validation_split=0.2, **FIT))
    rows = int(ROWS * 0.8)
    evaluated = model.evaluate(X[rows:], Y[rows:], batch_size=BATCH, verbose=0, return_dict=True)
    return results | logs(evaluated, "the last rows")


@scenario
def validation_split_also_splits_sample_weights(library: Library) -> Results:
    return told(compiled(library).fit(X, Y, sample_weight=WEIGHTS, epochs=2, validation_split=0.3, **FIT))


@scenario
def validation_data_overrides_validation_split(library: Library) -> Results:
    given = X[:6], Y[:6]
    return told(compiled(library).fit(X, Y, epochs=2, validation_split=0.3, validation_data=given, **FIT))


@scenario
def validation_data_may_carry_sample_weights_and_have_its_own_batch_size(library: Library) -> Results:
    given = X[:7], Y[:7], WEIGHTS[:7]
    return told(compiled(library).fit(X, Y, epochs=2, validation_data=given, validation_batch_size=3, **FIT))


@scenario
def averages_count_the_last_smaller_batch_by_its_size(library: Library) -> Results:
    model = compiled(library)
    results = told(model.fit(X, Y, epochs=2, **FIT))
    for size in (BATCH, ROWS, 7):
        results |= logs(model.evaluate(X, Y, batch_size=size, verbose=0, return_dict=True), f"batches of {size}")
    return results


@scenario
def batch_size_is_32_unless_given(library: Library) -> Results:
    model, x, y = compiled(library), np.tile(X, (3, 1)), np.tile(Y, (3, 1))
    results = told(model.fit(x, y, epochs=1, shuffle=False, verbose=0))
    return results | {"steps": model.history.params["steps"], "iterations": int(numpy_of(model.optimizer.iterations))}


@scenario
def initial_epoch_begins_the_count(library: Library) -> Results:
    return told(compiled(library).fit(X, Y, epochs=5, initial_epoch=3, **FIT))


@scenario
def initial_epoch_at_the_end_trains_nothing(library: Library) -> Results:
    model = compiled(library)
    results = told(model.fit(X, Y, epochs=3, initial_epoch=3, **FIT))
    return results | weights_of(model)


@scenario
def a_second_fit_continues_from_the_weights_and_the_steps(library: Library) -> Results:
    model = compiled(library)
    first = model.fit(X, Y, epochs=2, **FIT)
    second = model.fit(X, Y, epochs=1, **FIT)
    iterations = int(numpy_of(model.optimizer.iterations))
    return told(second) | {"iterations": iterations, "first epochs": list(first.epoch)}


@scenario
def flat_labels_meet_an_output_of_one_column(library: Library) -> Results:
    return told(compiled(library).fit(X, Y[:, 0], epochs=2, **FIT))


@scenario
def whole_numbers_and_booleans_are_data(library: Library) -> Results:
    model = compiled(library, learning_rate=0.01)
    whole = np.round(10 * X).astype(np.int32)
    return told(model.fit(whole, Y.astype(bool), epochs=1, **FIT)) | {"predicted": model.predict(whole, verbose=0)}


@scenario
def class_weights_count_missing_classes_as_one(library: Library) -> Results:
    return told(compiled(library).fit(X, Y, class_weight={1: 3.0}, epochs=2, validation_split=0.2, **FIT))


@scenario
def class_weights_of_one_hot_rows_go_by_their_largest_column(library: Library) -> Results:
    model = layered(library, (COLUMNS, 3, 2), head="softmax")
    model.compile(optimizer=library.optimizers.SGD(0.5), loss="categorical_crossentropy", metrics=["accuracy"])
    labels = np.concatenate([1.0 - Y, Y], axis=1)
    return told(model.fit(X, labels, class_weight={0: 0.25, 1: 2.0}, epochs=2, **FIT))


@scenario
def a_frozen_layer_keeps_its_weights(library: Library) -> Results:
    model = layered(library, (COLUMNS, 3, 1), head="sigmoid")
    model.get_layer("hidden").trainable = False
    model.compile(optimizer="adam", loss="binary_crossentropy")
    results = told(model.fit(X, Y, epochs=1, **FIT))
    results["trainable"] = [variable.path for variable in model.trainable_weights]
    results["frozen"] = [variable.path for variable in model.non_trainable_weights]
    results["optimizer"] = [variable_facts(variable) for variable in model.optimizer.variables]
    return results | weights_of(model)


@scenario
def averaged_weights_replace_the_trained_ones_at_the_end(library: Library) -> Results:
    model = layered(library, (COLUMNS, 3, 1), head="sigmoid")
    model.compile(optimizer=library.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.8), loss="binary_crossentropy")
    model.fit(X, Y, epochs=2, **FIT)
    return weights_of(model)


# ---- one batch at a time ----


@scenario
def train_on_batch_answers_for_its_batch_alone(library: Library) -> Results:
    model = compiled(library)
    results: Results = {}
    for place, rows in enumerate((slice(0, 5), slice(5, 12), slice(12, 14))):
        answer = model.train_on_batch(X[rows], Y[rows])
        results |= {f"kind {place}": shape_of_answer(answer), f"answer {place}": np.array(answer)}
    named = model.train_on_batch(X[14:], Y[14:], return_dict=True)
    return results | logs(named, "named") | weights_of(model)


@scenario
def train_on_batch_takes_weights_of_samples_or_classes(library: Library) -> Results:
    model = compiled(library)
    first = model.train_on_batch(X[:9], Y[:9], sample_weight=WEIGHTS[:9])
    second = model.train_on_batch(X[9:], Y[9:], class_weight={0: 2.0, 1: 0.5})
    results = {"by sample": np.array(first), "by class": np.array(second)}
    return results | weights_of(model)


@scenario
def test_on_batch_answers_for_its_batch_alone(library: Library) -> Results:
    model = compiled(library)
    first = model.test_on_batch(X[:9], Y[:9])
    second = model.test_on_batch(X[9:], Y[9:], sample_weight=WEIGHTS[9:])
    named = model.test_on_batch(X[:3], Y[:3], return_dict=True)
    kinds = [shape_of_answer(answer) for answer in (first, second, named)]
    return {"first": np.array(first), "second": np.array(second), "kinds": kinds} | logs(named, "named")


@scenario
def without_metrics_answers_are_one_number(library: Library) -> Results:
    model = compiled(library, metrics=())
    answers = {
        "trained": model.train_on_batch(X, Y),
        "tested": model.test_on_batch(X, Y),
        "evaluated": model.evaluate(X, Y, verbose=0),
    }
    kinds = {f"kind of {name}": shape_of_answer(answer) for name, answer in answers.items()}
    return kinds | logs(answers, "answer")


@scenario
def evaluate_answers_in_a_list_or_a_dictionary(library: Library) -> Results:
    model = compiled(library, metrics=("accuracy", "mse"))
    listed = model.evaluate(X, Y, sample_weight=WEIGHTS, batch_size=BATCH, verbose=0)
    named = model.evaluate(X, Y, batch_size=BATCH, verbose=0, return_dict=True)
    kinds = [shape_of_answer(listed), shape_of_answer(named)]
    return {"listed": np.array(listed), "kinds": kinds, "names": sorted(named)} | logs(named, "named")


@scenario
def predict_joins_its_batches(library: Library) -> Results:
    model = compiled(library)
    predicted, at_once = model.predict(X, batch_size=BATCH, verbose=0), model.predict_on_batch(X)
    kinds = [type(predicted).__name__, str(predicted.dtype), type(at_once).__name__]
    return {"predicted": predicted, "at once": numpy_of(at_once), "kinds": kinds}


# ---- compile ----


@scenario
def compiling_again_by_name_forgets_the_steps_and_keeps_the_weights(library: Library) -> Results:
    model = layered(library, (COLUMNS, 3, 1), head="sigmoid")
    results: Results = {}
    for turn in range(2):
        model.compile(optimizer="adam", loss="binary_crossentropy")
        model.fit(X, Y, epochs=1, **FIT)
        results[f"iterations {turn}"] = int(numpy_of(model.optimizer.iterations))
        results |= weights_of(model, f"weights {turn}")
    return results


@scenario
def compiling_again_with_the_same_optimizer_keeps_its_memory(library: Library) -> Results:
    model, optimizer = layered(library, (COLUMNS, 3, 1), head="sigmoid"), library.optimizers.Adam(learning_rate=0.05)
    for _ in range(2):
        model.compile(optimizer=optimizer, loss="binary_crossentropy")
        model.fit(X, Y, epochs=1, **FIT)
    weights = weights_of(model)
    return weights | {"iterations": int(numpy_of(optimizer.iterations))}


@scenario
def compile_defaults_to_rmsprop(library: Library) -> Results:
    model = layered(library, (COLUMNS, 3, 1), head="sigmoid")
    model.compile(loss="bce")
    return told(model.fit(X, Y, epochs=2, **FIT)) | {"optimizer": config_of(model.optimizer)}


@scenario
def a_learning_rate_can_be_assigned_between_fits(library: Library) -> Results:
    model = compiled(library)
    model.fit(X, Y, epochs=1, **FIT)
    model.optimizer.learning_rate = 0.05
    results = told(model.fit(X, Y, epochs=1, **FIT))
    return results | {"learning rate": numpy_of(model.optimizer.learning_rate)}


# ---- what a model says of itself ----


@scenario
def a_sequential_model_describes_itself(library: Library) -> Results:
    model = compiled(library)
    return {
        "name": model.name,
        "built": model.built,
        "input shape": list(model.input_shape),
        "output shape": list(model.output_shape),
        "parameters": model.count_params(),
        "layers": [layer.name for layer in model.layers],
        "weights": [variable_facts(variable) for variable in model.weights],
        "found by index": model.get_layer(index=1).name,
        "config": config_of(model),
    }


@scenario
def a_model_without_input_is_built_by_its_first_data(library: Library) -> Results:
    model = library.models.Sequential([library.layers.Dense(3, activation="relu"), library.layers.Dense(1)])
    before = [model.built, len(model.weights)]
    model.compile(optimizer="sgd", loss="mse")
    model.fit(X, Y, epochs=1, **FIT)
    return {"before": before, "after": [model.built, [list(array.shape) for array in model.get_weights()]]}


@scenario
def layers_are_added_and_popped(library: Library) -> Results:
    model = library.models.Sequential()
    model.add(library.layers.Dense(3, activation="relu", input_dim=4))
    model.add(library.layers.Dense(7))
    model.pop()
    model.add(library.layers.Dense(2))
    return {"shapes": [list(array.shape) for array in model.get_weights()], "output shape": list(model.output_shape)}
