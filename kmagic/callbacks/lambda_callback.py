"""A callback made of functions."""

from collections.abc import Callable
from typing import Any

from kmagic.base.errors import unknown_argument
from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback

_HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))


@registry.register()
class LambdaCallback(Callback):
    """Calls a function for each hook that is given, e.g. `on_epoch_end=lambda epoch, logs: print(epoch)`.

    Example:

    >>> seen = []
    >>> LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch)).on_epoch_end(3, {}); seen
    [3]
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **hooks: Callable[..., Any],
    ) -> None:
        named = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name, function in {**named, **hooks}.items():
            if name not in _HOOKS:
                raise unknown_argument(name, _HOOKS, "LambdaCallback")
            if function is not None:
                setattr(self, name, function)

    def get_config(self) -> dict[str, Any]:
        """The functions themselves: they are no plain data."""
        return dict(self.arguments)
