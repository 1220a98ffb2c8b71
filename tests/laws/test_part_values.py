"""Laws of what parts compute: shapes as declared, the same at once and compiled, gradients that are slopes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kmagic import Input, Sequential
from kmagic.base import shapes
from kmagic.base.registry import Entry
from kmagic.base.trees import filled, leaves
from kmagic.graph.load import ops
from kmagic.graph.ops.derivatives import grad
from kmagic.graph.ops.gradient import gradients
from kmagic.layers import Activation, Layer, scope
from kmagic.metrics import Metric
from tests.compiler.programs import Array, run, traced
from tests.laws.part_examples import (
    admits,
    entries,
    function_of,
    pair,
    reads_text,
    required,
    shown,
    unused,
    weight_shape,
)

X = np.random.default_rng(3).uniform(-2.0, 2.0, (4, 6))


def cases(*kinds: str) -> list[Any]:
    return [pytest.param(entry, id=f"{registry.kind}-{entry.name}") for registry, entry in entries(*kinds)]


MEASURES = [case for case in cases("loss", "metric") if hasattr(case.values[0].target, "function")]
LAYERS = [case for case in cases("layer") if case.values[0].shapes]
OF_NUMBERS = [case for case in LAYERS if not reads_text(case.values[0])]
OF_TEXT = [case for case in LAYERS if reads_text(case.values[0])]


def check_compiled(function: Callable[..., Any], *arrays: Array) -> None:
    """The same numbers at once and as a program."""
    expected = np.asarray(function(*arrays))
    found = run(traced(function, arrays), arrays).outputs["y0"]
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    tolerance = 16 * float(np.finfo(expected.dtype).eps) if expected.dtype.kind == "f" else 0.0
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def check_slope(function: Callable[[Array], Any], x: Array) -> None:
    """The gradient of a scalar function is its slope, in some direction."""
    way = np.random.default_rng(11).uniform(-1, 1, x.shape)
    found = float(np.sum(np.asarray(grad(function)(x)) * way))
    ahead, behind = float(function(x + 1e-6 * way)), float(function(x - 1e-6 * way))
    assert found == pytest.approx((ahead - behind) / 2e-6, rel=1e-6, abs=1e-7)


# ---- losses and metrics ----


SHAPED = [
    pytest.param(case.values[0], shape, id=f"{case.id}-{len(shape)}d")
    for case in MEASURES
    for shape in ((4, 3), (2, 5, 3))
    if admits(case.values[0], shape)
]


@pytest.mark.parametrize(("entry", "shape"), SHAPED)
def test_measures_have_the_shape_they_declare(entry: Entry, shape: tuple[int, ...]) -> None:
    target, prediction = pair(entry, shape)
    signature = shapes.signature(str(entry.shapes))
    (expected,) = signature.result(signature.check([target.shape, prediction.shape]))
    assert np.asarray(entry.target.function(target, prediction)).shape == expected


@pytest.mark.parametrize("entry", MEASURES)
def test_measures_mean_the_same_compiled(entry: Entry) -> None:
    check_compiled(entry.target.function, *pair(entry))


@pytest.mark.parametrize("entry", cases("loss"))
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none", "mean_with_sample_weight"])
def test_loss_objects_reduce_as_they_say(entry: Entry, reduction: str) -> None:
    target, prediction = pair(entry)
    weight = np.array([1.0, 0.0, 2.0, 0.5])
    loss = entry.target(**required(entry), reduction=reduction, dtype="float64")
    values = np.asarray(entry.target.function(target, prediction))
    mask = loss.mask(target, values, None)
    counted = np.ones(4) if mask is None else np.asarray(mask, float)
    weighted = values * weight * counted
    expected = {
        "sum_over_batch_size": weighted.sum() / counted.sum(),
        "sum": weighted.sum(),
        "none": weighted,
        "mean_with_sample_weight": weighted.sum() / (weight * counted).sum(),
    }[reduction]
    np.testing.assert_allclose(loss(target, prediction, weight), expected, rtol=1e-12)
    check_compiled(lambda t, p, w: loss(t, p, w), target, prediction, weight)


@pytest.mark.parametrize("entry", cases("loss"))
def test_slope_of_losses(entry: Entry) -> None:
    target, prediction = pair(entry, seed=1)
    check_slope(lambda p: ops.sum(entry.target.function(target, p)), prediction)


def check_equal(metric: Metric, other: Metric) -> None:
    """The same result; of one that has seen no columns yet a number stands for all."""
    np.testing.assert_allclose(np.asarray(metric.result()), np.asarray(other.result()), rtol=1e-12)


@pytest.mark.parametrize("entry", cases("metric"))
def test_metrics_mean_the_same_over_any_batches(entry: Entry) -> None:
    arrays = pair(entry, samples=6)[0 if entry.shapes else 1 :]
    whole, parts = (entry.target(**required(entry), dtype="float64") for _ in range(2))
    whole.update_state(*arrays)
    for rows in (slice(0, 4), slice(4, 6)):
        parts.update_state(*(array[rows] for array in arrays))
    check_equal(parts, whole)
    parts.reset_state()
    check_equal(parts, entry.target(**required(entry), dtype="float64"))


@pytest.mark.parametrize("entry", cases("metric"))
def test_metrics_mean_the_same_compiled(entry: Entry) -> None:
    arrays = pair(entry) if entry.shapes else (pair(entry)[1],)
    at_once, compiled = (entry.target(**required(entry), dtype="float64") for _ in range(2))
    at_once.update_state(*arrays)
    run(traced(lambda *given: compiled.update_state(*given), arrays), arrays)
    after = [variable.numpy() for variable in compiled.variables]
    assert any(value.any() for value in after)
    check_equal(compiled, at_once)
    np.testing.assert_allclose(at_once.stateless_result(after), at_once.result(), rtol=1e-12)


class Wrapped(Metric):
    """A user's class around a metric, which is part of its state."""

    def __init__(self, inner: Metric) -> None:
        super().__init__(name="wrapped", dtype="float64")
        self.inner = inner
        self.batches = self.add_weight(name="batches", initializer="zeros")

    def update_state(self, *arrays: Any, sample_weight: Any = None) -> None:
        self.inner.update_state(*arrays, sample_weight=sample_weight)
        self.batches.assign_add(1.0)

    def result(self) -> Any:
        return self.inner.result()


@pytest.mark.parametrize("entry", cases("metric"))
def test_metrics_mean_the_same_within_a_users_class(entry: Entry) -> None:
    arrays = pair(entry) if entry.shapes else (pair(entry)[1],)
    at_once = entry.target(**required(entry), dtype="float64")
    at_once.update_state(*arrays)
    own = Wrapped(entry.target(**required(entry), dtype="float64"))
    run(traced(lambda *given: own.update_state(*given), arrays), arrays)
    check_equal(own, at_once)
    assert float(own.batches.numpy()) == 1.0 and set(own.inner.variables) < set(own.variables)
    own.reset_state()
    assert not any(variable.array.any() for variable in own.variables)


# five of three classes are always among the best, of which compile warns
@pytest.mark.filterwarnings("ignore:K156:kmagic.models.diagnosis.finding.DiagnosisWarning")
@pytest.mark.parametrize("entry", [case for case in cases("metric") if case.values[0].shapes])
def test_metrics_mean_the_same_through_a_model(entry: Entry) -> None:
    target, prediction = (array[..., None] if array.ndim == 1 else array for array in pair(entry, samples=7))
    weight = np.array([1.0, 2.0, 0.0, 1.0, 3.0, 1.0, 2.0])
    plain, weighted = (entry.target(**required(entry), name=name) for name in ("plain", "weighted"))
    model = Sequential([Input(prediction.shape[1:]), Activation("linear")])
    model.compile("sgd", lambda y_true, y_pred: ops.mean(y_pred, axis=-1), metrics=[plain], weighted_metrics=[weighted])
    found = model.evaluate(prediction, target, sample_weight=weight, batch_size=3, verbose=0, return_dict=True)
    expected = [entry.target(**required(entry)) for _ in range(2)]
    expected[0].update_state(target, prediction)
    expected[1].update_state(target, prediction, sample_weight=weight)
    for name, metric in zip(("plain", "weighted"), expected, strict=True):
        np.testing.assert_allclose(found[name], np.asarray(metric.result()), rtol=1e-5)


# ---- activations, regularizers, constraints ----


@pytest.mark.parametrize("entry", cases("activation", "regularizer", "constraint"))
def test_functions_mean_the_same_compiled(entry: Entry) -> None:
    function = function_of(entry)
    for dtype in ("float32", "float64"):
        check_compiled(function, X.astype(dtype))


@pytest.mark.parametrize("entry", cases("activation", "regularizer"))
def test_slope_of_functions(entry: Entry) -> None:
    function = function_of(entry)
    weights = np.random.default_rng(5).uniform(0.5, 1.5, np.shape(function(X)))
    check_slope(lambda x: ops.sum(function(x) * weights), X)


@pytest.mark.parametrize("entry", cases("activation"))
def test_activations_keep_dtype_and_shape_unless_they_declare_another(entry: Entry) -> None:
    signature = shapes.signature(entry.shapes or "[*d] -> [*d]")
    for dtype in ("float32", "float64"):
        result = function_of(entry)(X.astype(dtype))
        assert signature.outputs[0].match(result.shape, signature.check([X.shape])) and str(result.dtype) == dtype


@pytest.mark.parametrize("entry", cases("activation"))
def test_activations_stay_finite_far_out(entry: Entry) -> None:
    far = np.array([[-1e4, -50.0, 0.0, 5.0, 50.0, 80.0]])
    assert np.isfinite(np.asarray(function_of(entry)(far))).all()
    assert np.isfinite(np.asarray(grad(lambda x: ops.sum(function_of(entry)(x)))(far))).all()


@pytest.mark.parametrize("entry", cases("constraint"))
def test_constraints_let_pass_what_fulfils_them(entry: Entry) -> None:
    once = np.asarray(entry.target()(X))
    np.testing.assert_allclose(entry.target()(once), once, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("entry", cases("initializer"))
def test_initializers_give_what_is_asked(entry: Entry) -> None:
    for dtype in ("float32", "float64"):
        values = np.asarray(entry.target()(weight_shape(entry), dtype=dtype))
        assert (values.shape, str(values.dtype)) == (weight_shape(entry), dtype) and np.isfinite(values).all()


# ---- layers ----


def made(entry: Entry) -> tuple[Layer, Callable[..., Any], list[Array]]:
    """A layer in float64, built, the layer as a function of its inputs, and inputs for it: numbers, or its own text."""
    example = shown(entry)
    generator = np.random.default_rng(2)
    own = reads_text(entry)
    arrays = [array if own else generator.uniform(-1, 1, array.shape) for array in leaves(example.inputs)]
    arguments = {name: unused(value, dtype="float64") for name, value in example.arguments.items()}
    layer = entry.target(**{**arguments, **({} if own else {"dtype": "float64"})})

    def called(*given: Any, training: bool = False) -> Any:
        with scope.training_as(training):
            return leaves(layer(filled(example.inputs, given)))[0]  # a recurrent cell gives its states too

    called(*arrays)
    return layer, called, arrays


@pytest.mark.parametrize("entry", OF_NUMBERS)
def test_layers_have_the_shape_they_declare(entry: Entry) -> None:
    layer, called, arrays = made(entry)
    signature = shapes.signature(str(entry.shapes))
    names = signature.check([array.shape for array in arrays])
    own = {token: getattr(layer, token) for token in signature.outputs[0].tokens if hasattr(layer, token)}
    result = np.asarray(called(*arrays))
    assert signature.outputs[0].match(result.shape, {**own, **names})
    given = [(None, *array.shape[1:]) for array in arrays]
    found = layer.compute_output_shape(given[0] if len(given) == 1 else given)
    assert (found[0] if isinstance(found[0], tuple) else found) == (None, *result.shape[1:])


@pytest.mark.parametrize("entry", OF_TEXT)
def test_layers_mean_the_same_compiled_behind_the_text(entry: Entry) -> None:
    layer, called, arrays = made(entry)
    numbers = layer.read(filled(shown(entry).inputs, arrays))
    assert str(numbers.dtype) == "int64"
    check_compiled(layer.encode, numbers)
    (batched,) = run(traced(layer.encode, [numbers], batch=True), [numbers], rows=len(numbers)).outputs.values()
    np.testing.assert_array_equal(batched, called(*arrays))


@pytest.mark.parametrize("entry", OF_TEXT)
def test_numbers_for_text_have_the_announced_shape(entry: Entry) -> None:
    layer, called, arrays = made(entry)
    kinds = ["string" if array.dtype.kind == "U" else str(array.dtype) for array in arrays]
    symbols = [Input(array.shape[1:], dtype=kind) for array, kind in zip(arrays, kinds, strict=True)]
    announced, result = called(*symbols), np.asarray(called(*arrays))
    signature = shapes.signature(str(entry.shapes))
    assert signature.outputs[0].match(result.shape, signature.check([array.shape for array in arrays]))
    assert announced.dtype == str(result.dtype) and len(announced.shape) == result.ndim
    assert all(not isinstance(a, int) or a == size for a, size in zip(announced.shape, result.shape, strict=True))


@pytest.mark.parametrize("entry", OF_NUMBERS)
def test_layers_mean_the_same_compiled(entry: Entry) -> None:
    _, called, arrays = made(entry)
    check_compiled(called, *arrays)
    (batched,) = run(traced(called, arrays, batch=True), arrays, rows=len(arrays[0])).outputs.values()
    np.testing.assert_allclose(batched, called(*arrays), rtol=1e-14)


DRAWING = [case for case in LAYERS if any(p.name == "seed" for p in case.values[0].parameters)]


@pytest.mark.parametrize("entry", DRAWING)
def test_layers_draw_the_same_compiled(entry: Entry) -> None:
    """From the same state of their generators; what is drawn for a row does not depend on how many there are."""
    layer, called, arrays = made(entry)
    arrays = [np.concatenate([array] * 3) for array in arrays]
    states = [(variable, variable.numpy()) for variable in layer.variables if str(variable.dtype) == "uint32"]
    expected = np.asarray(called(*arrays, training=True))
    for variable, value in states:
        variable.assign(value)
    graph = traced(lambda *given: called(*given, training=True), arrays, batch=True)
    (found,) = run(graph, arrays, rows=len(arrays[0])).outputs.values()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("entry", OF_NUMBERS)
def test_slope_of_layers(entry: Entry) -> None:
    layer, called, arrays = made(entry)
    weights = np.random.default_rng(8).uniform(0.5, 1.5, np.shape(called(*arrays)))

    def total(*given: Any) -> Any:
        return ops.sum(called(*given) * weights)

    for place, array in enumerate(arrays):
        check_slope(lambda x, i=place: total(*arrays[:i], x, *arrays[i + 1 :]), array)
    for variable in layer.trainable_weights:
        start = variable.numpy()
        way = np.random.default_rng(9).uniform(-1, 1, start.shape)
        graph = traced(lambda *x, v=variable: tuple(gradients(total(*x), [v])), arrays)
        found = float(np.sum(run(graph, arrays).outputs["y0"] * way))
        sides = []
        for sign in (1, -1):
            variable.assign(start + sign * 1e-6 * way)
            sides.append(float(np.sum(np.asarray(called(*arrays)) * weights)))
        variable.assign(start)
        assert found == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-6, abs=1e-7)
