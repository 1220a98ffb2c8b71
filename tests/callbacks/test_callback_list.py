"""CallbackList: several callbacks as one object, as users of Keras's custom loops call it."""

from types import SimpleNamespace
from typing import Any

import pytest

from kmagic.base.errors import BadType, NotFinite
from kmagic.callbacks import Callback, CallbackList, History, ProgbarLogger, TerminateOnNaN


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
    assert CallbackList([first, [second, CallbackList([third])]]).callbacks == [first, second, third]
    assert CallbackList(first).callbacks == [first]
    assert CallbackList().callbacks == []


def test_history_and_progress_are_added_once() -> None:
    hooks = CallbackList([], add_history=True, add_progbar=True)
    assert [type(callback) for callback in hooks.callbacks] == [History, ProgbarLogger]
    own = [ProgbarLogger(), History()]
    assert CallbackList(own, add_history=True, add_progbar=True).callbacks == own


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


def test_what_one_forgives_is_forgiven() -> None:
    error = NotFinite("loss is nan")
    assert CallbackList([Callback(), TerminateOnNaN()]).forgives(error)
    assert not CallbackList([Callback()]).forgives(error)


@pytest.mark.parametrize("wrong", ["history", 3, [Callback(), "history"], [Callback]])
def test_only_callbacks_are_taken(wrong: Any) -> None:
    with pytest.raises(BadType, match=r"expected: objects of kmagic\.callbacks\.Callback"):
        CallbackList(wrong)
