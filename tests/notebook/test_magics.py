"""The magics in a real shell, from the cell to what is shown."""

import threading

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

import kmagic
from kmagic.models import Sequential
from tests.notebook.conftest import Run


def test_the_main_job(shell: InteractiveShell, run: Run) -> None:
    defined = run(
        "%%kmodel avengers_model\nDense(32, activation='relu', input_dim=100)\nDense(1, activation='sigmoid')"
    )
    assert defined.error is None
    assert defined.text == "avengers_model is defined\n"
    assert {"text/plain", "text/html"} <= set(defined.kinds)
    model = shell.user_ns["avengers_model"]
    assert isinstance(model, Sequential)
    assert model.count_params() == 100 * 32 + 32 + 32 + 1

    line = "--optimizer rmsprop --loss binary_crossentropy --metrics accuracy"
    compiled = run(f"%kcompile avengers_model {line}")
    assert compiled.text.startswith("avengers_model.compile(optimizer='rmsprop', loss='binary_crossentropy'")

    fitted = run("%kfit avengers_model X y --epochs 10 --batch-size 32 --validation-split 0.2")
    assert fitted.error is None
    history = fitted.value.history.history
    assert [len(values) for values in history.values()] == [10] * 4
    assert history["loss"][-1] < history["loss"][0]
    assert fitted.kinds.count("image/png") == 1
    assert "10 of 10 epochs" in "".join(bundle["text/plain"] for bundle in fitted.bundles)

    scores = run("scores = %kevaluate avengers_model X y").error
    assert scores is None
    assert set(shell.user_ns["scores"]) == {"loss", "accuracy"}

    predicted = run("%kpredict avengers_model X --into p")
    assert predicted.text == "p: float32 (200, 1)\n"
    assert predicted.value is None
    np.testing.assert_array_equal(shell.user_ns["p"], model.predict(shell.user_ns["X"], verbose=0))
    assert run("%kpredict avengers_model X[:5]").value.shape == (5, 1)

    assert "avengers_model" in run("%ksummary avengers_model").bundles[0]["text/plain"]
    plan = run("%kplan avengers_model --after fuse")
    assert plan.bundles[0]["image/svg+xml"].lstrip().startswith("<svg")
    assert "after fuse:" in plan.text


def test_several_outputs(shell: InteractiveShell, run: Run) -> None:
    source = (
        "%%kmodel m\nx = Input((100,))\nh = Dense(4, activation='relu')(x)\n"
        "Model(x, [Dense(1, name='price')(h), Dense(3, activation='softmax', name='kind')(h)])"
    )
    assert run(source).error is None
    line = (
        "%kcompile m --loss \"{'price': 'mse', 'kind': 'crossentropy'}\" --metrics \"{'kind': 'accuracy'}\" "
        "--loss-weights [1.0,0.5] --optimizer adam"
    )
    assert run(line).error is None
    model = shell.user_ns["m"]
    assert model.recipe.loss == {"price": "mse", "kind": "crossentropy"}
    assert model.recipe.metrics == {"kind": "accuracy"} and model.recipe.loss_weights == [1.0, 0.5]
    recipe = model.recipe
    assert run(recipe.magic("m")).error is None
    assert model.recipe == recipe
    shell.user_ns["kinds"] = np.arange(200) % 3
    fitted = run("%kfit m X [y,kinds] --epochs 2 --quiet")
    assert fitted.error is None
    assert set(model.history.history) == {"loss", "price_loss", "kind_loss", "kind_accuracy"}


def test_steps_run_line_by_line(shell: InteractiveShell, run: Run) -> None:
    shell.user_ns["seen"] = []
    assert run("def watched(t, p):\n    value = np.mean((t - p) ** 2)\n    seen.append(float(value))\n    return value")
    assert run("%%kmodel m\nDense(1, input_dim=100)").error is None
    assert run("%kcompile m --loss watched --run-eagerly --steps-per-execution 2").error is None
    assert shell.user_ns["m"].recipe.magic("m").endswith("--loss watched --run-eagerly --steps-per-execution 2")
    assert run("%kfit m X y --batch-size 200 --epochs 3 --block --quiet").error is None
    assert len(shell.user_ns["seen"]) == 3


def test_parts_with_arguments_are_written_as_expressions(shell: InteractiveShell, run: Run) -> None:
    run("%%kmodel m\nDense(1, activation='sigmoid', input_dim=100)")
    metrics = "mae BinaryIoU(threshold=0.4)"
    line = f"--optimizer Adam(learning_rate=CosineDecay(0.1, 100)) --loss Huber(delta=2.0) --metrics {metrics}"
    done = run(f"%kcompile m {line}")
    assert done.error is None
    model = shell.user_ns["m"]
    schedule = model.optimizer._learning_rate
    assert isinstance(schedule, kmagic.optimizers.schedules.CosineDecay)
    assert (schedule.initial_learning_rate, schedule.decay_steps, model.loss.delta) == (0.1, 100, 2.0)
    fitted = run("%kfit m X y[:,None] --epochs 2 --quiet")
    assert fitted.error is None
    assert set(fitted.value.history.history) == {"loss", "mae", "binary_io_u"}
    # 200 rows make 7 steps an epoch: the 14 steps of both moved the rate along its wave
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05 * (1 + np.cos(np.pi * 14 / 100)))


def test_compiled_at_once(shell: InteractiveShell, run: Run) -> None:
    source = "%%kmodel m --input 100 --optimizer adam --loss mse --learning-rate 0.01\nDense(3)\nDense(1)"
    assert run(source).error is None
    model = shell.user_ns["m"]
    assert model.input_shape == (None, 100)
    assert float(np.asarray(model.optimizer.learning_rate)) == pytest.approx(0.01)
    assert run("%kfit m X y --quiet").error is None


def test_a_cell_run_again_replaces_the_model_and_says_so(shell: InteractiveShell, run: Run, compiled: str) -> None:
    before = shell.user_ns["m"]
    done = run("%%kmodel m\nDense(2, input_dim=100)")
    assert done.text == "m replaces the model of that name (409 parameters, with all it learned)\n"
    assert shell.user_ns["m"] is not before
    assert len(before.layers) == 2


def test_a_cell_run_again_while_its_model_trains_stops_the_run(
    shell: InteractiveShell, run: Run, compiled: str
) -> None:
    model = shell.user_ns["m"]
    training = model.fit_async(shell.user_ns["X"], shell.user_ns["y"], epochs=100_000, verbose=0)
    done = run("%%kmodel m\nDense(2, input_dim=100)")
    assert training.finished and training.status == "stopped"
    assert "; its run was stopped in epoch " in done.text


def test_a_cell_that_fails_leaves_the_run_alone(shell: InteractiveShell, run: Run, compiled: str) -> None:
    training = shell.user_ns["m"].fit_async(shell.user_ns["X"], shell.user_ns["y"], epochs=100_000, verbose=0)
    before = shell.user_ns["m"]
    assert run("%%kmodel m\nDense(2)\nDense(nothing)").error is not None
    assert shell.user_ns["m"] is before
    assert not training.finished
    training.stop()
    training.wait()


def test_what_is_not_given_stays_as_it_is_compiled(shell: InteractiveShell, run: Run, compiled: str) -> None:
    model = shell.user_ns["m"]
    done = run("%kcompile m --learning-rate 0.1")
    assert done.error is None
    assert done.text.splitlines()[1] == "kept: optimizer but for its learning rate, loss, metrics"
    assert float(np.asarray(model.optimizer.learning_rate)) == pytest.approx(0.1)
    assert (type(model.optimizer).__name__, model.recipe.loss, model.recipe.metrics) == (
        "RMSprop",
        "binary_crossentropy",
        ("accuracy",),
    )
    done = run("%kcompile m --metrics acc mae")
    assert done.text.splitlines()[1] == "kept: optimizer, loss"
    assert float(np.asarray(model.optimizer.learning_rate)) == pytest.approx(0.1)
    assert model.recipe.metrics == ("acc", "mae")
    done = run("%kcompile m --optimizer adam --loss mse --metrics mae")
    assert "kept" not in done.text
    assert run("%kfit m X y --quiet").error is None


def test_schedules_and_wrapped_optimizers_on_a_line(shell: InteractiveShell, run: Run, compiled: str) -> None:
    model = shell.user_ns["m"]
    assert run("%kcompile m --optimizer SGD(ExponentialDecay(0.5,10,0.5))").error is None
    assert run("%kfit m X y --quiet").error is None
    assert float(model.optimizer.learning_rate) < 0.5
    assert run("%kcompile m --learning-rate 0.25").error is None
    assert float(model.optimizer.learning_rate) == 0.25
    assert run("%kcompile m --optimizer LossScaleOptimizer(SGD())").error is None
    assert "has no learning rate to set" in str(run("%kcompile m --learning-rate 0.1").error)


@pytest.mark.parametrize("line", ["%kfit m X y --quiet", "%kevaluate m X y", "%kpredict m X[:5]"])
def test_who_waits_for_a_run_says_so(shell: InteractiveShell, run: Run, compiled: str, line: str) -> None:
    training = shell.user_ns["m"].fit_async(shell.user_ns["X"], shell.user_ns["y"], epochs=100_000, verbose=0)
    shortly = threading.Timer(0.5, training.stop)
    shortly.start()
    done = run(line)
    shortly.join()
    assert done.error is None
    assert done.text.startswith("waiting for the run of m to end…\n")
    assert "waiting" not in run(line).text


def test_a_run_without_epochs_is_refused(run: Run, compiled: str) -> None:
    done = run("%kfit m X y --initial-epoch 5 --epochs 3")
    assert done.text == "BadValue: %kfit: nothing to train: --initial-epoch 5 is not below --epochs 3\n"
    done = run("%kfit m X y --initial-epoch 1")
    assert done.text == "BadValue: %kfit: nothing to train: --initial-epoch 1 is not below --epochs 1\n"


def test_a_plan_in_brief(run: Run, compiled: str) -> None:
    done = run("%kplan m --after trace --brief")
    assert done.text.startswith("train program: ")
    assert len(done.text.splitlines()) == 1
    assert done.bundles[0]["image/svg+xml"].lstrip().startswith("<svg")


def test_a_run_is_a_value(shell: InteractiveShell, run: Run, compiled: str) -> None:
    first = run("run = %kfit m X[:160] y[:160] --validation-data (X[160:], y[160:]) --epochs 2")
    assert first.kinds.count("image/png") == 1
    assert set(shell.user_ns["run"].history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    later = run("run")
    assert later.kinds.count("image/png") == 1


def test_a_terminal_sees_text_only(terminal: InteractiveShell, run: Run) -> None:
    run("%%kmodel m --loss binary_crossentropy\nDense(1, 'sigmoid', input_dim=100)")
    done = run("%kfit m X y --epochs 2")
    assert done.error is None
    assert "image/png" not in done.kinds
    assert "<m: done, epoch 2 of 2" in done.text


def test_options_of_training(shell: InteractiveShell, run: Run, compiled: str) -> None:
    done = run(
        "%kfit m X y --epochs 6 --initial-epoch 4 --no-shuffle --class-weight {0: 1.0, 1: 2.0} "
        "--callbacks EarlyStopping(monitor='loss') --quiet"
    )
    assert done.error is None
    assert 1 <= len(done.value.history.history["loss"]) <= 2
    assert done.kinds == []


def test_config(shell: InteractiveShell, run: Run) -> None:
    assert run("%config KMagic.fps = 12").error is None
    assert shell.magics_manager.registry["KMagic"].fps == 12
    assert "KMagic.traceback" in run("%config KMagic").text


def test_docstrings_document_options(shell: InteractiveShell) -> None:
    assert "--validation-split" in shell.find_line_magic("kfit").__doc__
    assert "--input" in shell.find_cell_magic("kmodel").__doc__


def test_help(shell: InteractiveShell, run: Run) -> None:
    done = run("%kfit -h")
    assert done.error is None
    assert done.text.startswith("%kfit model x [y] [options]\n")


MISTAKES = {
    "%kfit nobody X y": "LineError: %kfit model: no model is called 'nobody'\nexpected: a model: m",
    "%kfit m X y --epohcs 3": "UnknownName: %kfit: unknown option '--epohcs'\nfix: did you mean '--epochs'?",
    "%kcompile m --loss msee": "UnknownName: %kcompile --loss: unknown loss 'msee'\nfix: did you mean 'mse'",
    "%%kmodel X\nDense(3)": (
        "BadValue: %%kmodel X: X already holds a value of type ndarray\n"
        "expected: a name that is free, or that of a model\nfix: del X"
    ),
    "%%kmodel z\n\nDense(-1)": "BadValue: %%kmodel z, line 3, Dense: units is -1\nexpected: a whole number >= 1",
    "%%kmodel z\nDense(3\n": "SyntaxError: %%kmodel z, line 2: '(' was never closed\n    Dense(3\n         ^",
    "%%kmodel z --input -3\nDense(3)": "BadValue: %%kmodel: --input is -3\nexpected: a size such as 100",
    "%%kmodel class\nDense(3)": "LineError: %%kmodel name: 'class' cannot be a name\nexpected: letters",
}


@pytest.mark.parametrize(("source", "message"), MISTAKES.items(), ids=list(MISTAKES))
def test_mistakes_give_one_short_message(run: Run, compiled: str, source: str, message: str) -> None:
    done = run(source)
    assert done.error is not None
    assert done.text.startswith(message)
    assert "Traceback" not in done.text
    assert len(done.text.splitlines()) <= 4


def test_tracebacks_on_request(run: Run, compiled: str) -> None:
    run("%config KMagic.traceback = True")
    assert "Traceback" in run("%kfit nobody X y").text


def test_errors_of_the_users_code_show_their_own_lines(shell: InteractiveShell, run: Run) -> None:
    done = run("%%kmodel z\n\nDense(3)\nDense(undefined)")
    assert "----> 4 Dense(undefined)" in done.text
    assert "NameError: name 'undefined' is not defined" in done.text
    assert "kmagic/notebook" not in done.text


def test_magics_and_shell_escapes_work_in_a_cell(shell: InteractiveShell, run: Run) -> None:
    done = run("%%kmodel z\n\n%precision 3\nDense(3)\nDense(1 / 0)")
    assert "----> 5" in done.text


@pytest.mark.parametrize("where", ["shell", "terminal"])
def test_a_training_that_explodes_says_so_where_it_ends(where: str, run: Run, request: pytest.FixtureRequest) -> None:
    shell = request.getfixturevalue(where)
    assert run("%%kmodel m\nDense(1, input_dim=100)").error is None
    assert run("%kcompile m --optimizer SGD(0.5) --loss mse --force").error is None
    before = shell.user_ns["m"].get_weights()
    done = run("run = %kfit m X y --epochs 60 --force")
    said = done.text + "".join(bundle["text/plain"] for bundle in done.bundles)
    assert "✖ K123 error: Loss grew ×" in said and "last good weights (of step 0) restored" in said, said
    assert "Learning rate 0.05: m.compile(" in said and "clipnorm=1.0" in said
    assert done.error is None
    training = shell.user_ns["run"]
    assert (training.status, training.reason) == ("stopped", "the loss explodes")
    assert all(np.array_equal(old, new) for old, new in zip(before, shell.user_ns["m"].get_weights(), strict=True))


BATCHES = """
import kmagic
class Batches(kmagic.utils.PyDataset):
    def __len__(self): return 5
    def __getitem__(self, i): return X[40 * i : 40 * i + 40], y[40 * i : 40 * i + 40]
def rounds():
    while True: yield from Batches()
batches, stream = Batches(), rounds()
"""


def test_batches_in_place_of_arrays(shell: InteractiveShell, run: Run) -> None:
    shell.run_cell(BATCHES)
    run("%%kmodel m\nDense(4, activation='relu', input_dim=100)\nDense(1, activation='sigmoid')")
    # the panel has the first batch of what can be had again, and leaves a generator alone
    assert "the targets are 0 and 1" in run("%kcompile m batches").text
    assert "looked at when training begins" in run("%kcompile m stream").text
    assert run("%kcompile m --loss binary_crossentropy --metrics accuracy").error is None
    assert "K158" in repr(run("%kdiagnose m stream").value) and "nothing found" in repr(
        run("%kdiagnose m batches").value
    )
    shell.run_cell("first = next(stream)")
    np.testing.assert_array_equal(shell.user_ns["first"][0], shell.user_ns["X"][:40])

    fitted = run("%kfit m stream --epochs 2 --steps-per-epoch 5 --validation-data batches --validation-steps 2")
    assert fitted.error is None and fitted.value.live.steps == 5
    assert [len(values) for values in fitted.value.history.history.values()] == [2] * 4
    assert run("%kfit m batches --epochs 2").value.history.epoch == [0, 1]
    unknown = run("%kfit m iter(list(batches))")
    assert unknown.error is None and unknown.value.live.step == 5
    assert set(run("%kevaluate m stream --steps 3").value) == {"loss", "accuracy"}
    assert run("%kpredict m batches --steps 2").value.shape == (80, 1)
    refused = run("%kfit m batches y")
    assert "`y` should not be passed" in refused.text


def test_mistakes_in_batches_stop_the_magic_unless_forced(shell: InteractiveShell, run: Run) -> None:
    shell.run_cell(BATCHES)
    run("%%kmodel m --loss mse\nDense(4, activation='relu', input_dim=50)\nDense(1)")
    refused = run("%kfit m batches")
    assert "100" in refused.text and "50" in refused.text and refused.value is None
