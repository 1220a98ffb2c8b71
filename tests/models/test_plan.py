"""Plans: every stage of every program as text and as a picture, with figures that agree with counting by hand."""

import xml.etree.ElementTree as ElementTree

import pytest

from kmagic.base.errors import BadValue, KmagicError, NotCompiled
from kmagic.layers import LSTM, Dense, Input
from kmagic.models import Sequential

STAGES = ["trace", "differentiate", "lower", "widen", "simplify", "merge", "tile", "fuse", "order", "place", "emit"]


def model() -> Sequential:
    made = Sequential([Dense(8, "relu", input_dim=5), Dense(3, "softmax")], name="m")
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


@pytest.mark.parametrize("program", ["train", "evaluate", "predict"])
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_text_and_a_picture(program: str, stage: str) -> None:
    plan = model().plan(stage, program=program)
    assert plan.stages == STAGES
    text = str(plan)
    assert f"after {stage}:" in text and len(text.splitlines()) > 4 and f"{program} program" in text
    root = ElementTree.fromstring(plan.svg())
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and len(list(root.iter())) > 5
    assert plan._repr_mimebundle_()["text/plain"] == text


def test_figures_of_a_linear_layer_are_those_of_the_product() -> None:
    linear = Sequential([Dense(3, input_dim=5, use_bias=False)])
    figures = linear.plan(program="predict", batch_size=7).summary()
    assert figures["flops"] == 2 * 7 * 5 * 3
    assert figures["variable_bytes"] == 5 * 3 * 4
    # reads x and the kernel once, writes the prediction once
    assert figures["bytes_moved"] == 4 * (7 * 5 + 5 * 3 + 7 * 3)


def test_figures_of_two_layers() -> None:
    made = Sequential([Dense(8, "relu", input_dim=5), Dense(3)])
    figures = made.plan(program="predict", batch_size=10).summary()
    # two products, two biases, one relu
    assert figures["flops"] == 2 * 10 * (5 * 8 + 8 * 3) + 10 * (8 + 3) + 10 * 8
    assert figures["variable_bytes"] == 4 * (5 * 8 + 8 + 8 * 3 + 3)
    train = model().plan(batch_size=10).summary()
    assert train["nodes_differentiated"] > train["nodes_traced"] > 0
    assert train["kernels"] < train["nodes_merged"] and train["buffers"] > 0
    forward = 2 * 10 * (5 * 8 + 8 * 3)
    # gradients: of both kernels, and of what the second layer takes; not of the data
    assert train["flops"] > forward + 2 * 10 * (5 * 8 + 8 * 3 + 8 * 3)


def test_figures_grow_with_the_batch() -> None:
    small, large = (model().plan(program="predict", batch_size=size).summary() for size in (10, 20))
    assert large["flops"] == 2 * small["flops"] and large["variable_bytes"] == small["variable_bytes"]


def test_looking_changes_nothing() -> None:
    made = model()
    before = [weight.tobytes() for weight in made.get_weights()]
    made.plan()
    assert [weight.tobytes() for weight in made.get_weights()] == before


def test_unknown_stages_and_programs() -> None:
    with pytest.raises(KmagicError, match="fusee") as caught:
        model().plan("fusee")
    assert "'fuse'" in str(caught.value)
    with pytest.raises(KmagicError, match="nonsense") as caught:
        model().plan("nonsense")
    assert all(stage in str(caught.value) for stage in STAGES)
    with pytest.raises(BadValue, match="program is 'training'.*\n.*train, evaluate, predict"):
        model().plan(program="training")


def test_what_a_plan_needs() -> None:
    with pytest.raises(BadValue, match="not built"):
        Sequential([Dense(2)]).plan()
    fresh = Sequential([Dense(2, input_dim=2)])
    with pytest.raises(NotCompiled):
        fresh.plan()
    assert "predict program" in str(fresh.plan(program="predict"))


@pytest.mark.parametrize("program", ["train", "evaluate", "predict"])
def test_models_of_a_fixed_batch_size_are_looked_at_in_batches_of_that_size(program: str) -> None:
    kept = Sequential([Input(batch_shape=(4, 3, 2)), LSTM(5, stateful=True), Dense(1)])
    kept.compile("sgd", "mse")
    plan = kept.plan(program=program, batch_size=32)
    assert plan.batch_size == 4 and "f32[4 3 2]" in str(kept.plan(program=program, after="trace"))
    assert plan.summary()["flops"] > 0
