"""CallbackList: several callbacks as one object, as users of Keras's custom loops call it."""

from types import SimpleNamespace
from typing import Any

import pytest

from kmagic.base.errors import BadType, NotFinite
from kmagic.callbacks import Callback, CallbackList, History, ProgbarLogger, TerminateOnNaN
from kmagic.layers import Dense
from kmagic.models import Sequential


def noting(seen: list[Any]) -> Callback:
    """A callback that notes its hooks."""

    def note(name: str) -> Any:
        return lambda self, *given, **named: seen.append((name, *given, *named.values()))

    hooks = [name for name in vars(Callback) if name.startswith("on_")]
    return type("Noting", (Callback,), {name: note(name) for name in hooks})()


@pytest.mark.parametrize("hook", [name for name in vars(Callback) if name.startswith("on_")])
def test_a_hook_is_a_hook_of_each(hook: str) -> None:
    seen: list[Any] = []
    hooks = CallbackList([noting(seen), noting(seen)])
    arguments = (3,) if "_epoch_" in hook or "batch_" in hook else ()
    getattr(hooks, hook)(*arguments, logs={"loss": 1.0})
    assert seen == [(hook, *arguments, {"loss": 1.0})] * 2


def test_lists_may_be_nested() -> None:
    first, second, third = Callback(), Callback(), Callback()
    inner = CallbackList([third])
    assert CallbackList([first, [second, [inner]]]).callbacks == [first, second, inner]
    assert CallbackList(first).callbacks == [first]
    assert CallbackList().callbacks == []


def test_history_and_progress_are_added_once() -> None:
    hooks = CallbackList([], add_history=True, add_progbar=True)
    assert [type(callback) for callback in hooks.callbacks] == [History, ProgbarLogger]
    own = [ProgbarLogger(), History()]
    assert CallbackList(own, add_history=True, add_progbar=True).callbacks == own
    inner = CallbackList(own)
    assert CallbackList([inner], add_history=True, add_progbar=True).callbacks == [inner]


def test_model_and_parameters_reach_each() -> None:
    one, model = Callback(), SimpleNamespace()
    hooks = CallbackList([one], model=model, verbose=0, epochs=2, steps=3)
    assert one.model is hooks.model is model
    assert one.params == hooks.params == {"verbose": 0, "epochs": 2, "steps": 3}


def test_a_loop_of_ones_own_makes_a_history() -> None:
    hooks = CallbackList(add_history=True, epochs=2)
    hooks.on_train_begin()
    for epoch in range(2):
        hooks.on_epoch_begin(epoch)
        hooks.on_epoch_end(epoch, {"loss": 1.0 - epoch})
    hooks.on_train_end()
    assert hooks.callbacks[0].history == {"loss": [1.0, 0.0]}


def fitted(callbacks: Any, **options: Any) -> tuple[Sequential, Any]:
    """A model, and what its fit gives."""
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    return model, model.fit([[1.0, 2.0]], [[1.0]], callbacks=callbacks, **{"verbose": 0, **options})


class Counting(CallbackList):
    """Counts epochs itself."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epochs = getattr(self, "epochs", 0) + 1
        super().on_epoch_end(epoch, logs)


def test_fit_gives_ones_own_history() -> None:
    history = History()
    model, found = fitted([history], epochs=2)
    assert found is history is model.history and history.epoch == [0, 1]
    inside = CallbackList([CallbackList([history])])
    assert fitted(inside)[1] is history and history.epoch == [0]


def test_ones_own_progress_is_the_only_one(capsys: pytest.CaptureFixture[str]) -> None:
    fitted([ProgbarLogger(verbose=2)], epochs=2, verbose=2)
    assert capsys.readouterr().out.count("Epoch") == 2


@pytest.mark.parametrize("is_inside", [False, True])
def test_a_list_of_ones_own_keeps_what_it_overrides(is_inside: bool) -> None:
    own, seen = Counting([one := Callback()]), []
    one.on_test_begin = lambda logs=None: seen.append("test")
    one.on_predict_begin = lambda logs=None: seen.append("predict")
    callbacks = [own] if is_inside else own
    model, history = fitted(callbacks, epochs=3)
    assert own.epochs == 3 and history.epoch == [0, 1, 2] and one.model is own.model is model
    model.evaluate([[1.0, 2.0]], [[1.0]], verbose=0, callbacks=callbacks)
    model.predict([[1.0, 2.0]], verbose=0, callbacks=callbacks)
    assert seen == ["test", "predict"]


@pytest.mark.parametrize("is_inside", [False, True])
def test_a_list_that_overrides_a_hook_of_batches_sees_every_batch(is_inside: bool) -> None:
    class Batches(CallbackList):
        """Wants batches."""

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            pass

    wanted = [(Batches(), True), (CallbackList([Batches()]), True), (CallbackList([Callback()]), False)]
    for hooks, wants in wanted:
        assert (CallbackList([hooks]) if is_inside else hooks).wants_batches is wants


def test_what_one_forgives_is_forgiven() -> None:
    error = NotFinite("loss is nan")
    assert CallbackList([Callback(), TerminateOnNaN()]).forgives(error)
    assert not CallbackList([Callback()]).forgives(error)


@pytest.mark.parametrize("wrong", ["history", 3, [Callback(), "history"], [Callback]])
def test_only_callbacks_are_taken(wrong: Any) -> None:
    with pytest.raises(BadType, match=r"expected: objects of kmagic\.callbacks\.Callback"):
        CallbackList(wrong)
