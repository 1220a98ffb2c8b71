"""The values of every epoch, sent to a server."""

from __future__ import annotations

import http.client
import json
import urllib.parse
import urllib.request
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from kmagic.callbacks import registry
from kmagic.callbacks.callback import Callback

SECONDS = 5.0  # a server that says nothing holds training up no longer than this


@registry.register()
class RemoteMonitor(Callback):
    """Posts the values of each epoch to a server, as a form with one `field` of JSON or as JSON itself.

    A server that cannot be reached, or that refuses, is a warning; training goes on.

    Example:

    >>> monitor = RemoteMonitor(root="http://localhost:9000", send_as_json=True)
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        self.root, self.path, self.field = root, path, field
        self.headers, self.send_as_json = headers, send_as_json

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        text = json.dumps({"epoch": epoch, **(logs or {})}, default=_plain)
        kind = {"Content-Type": "application/json"} if self.send_as_json else {}
        body = text if self.send_as_json else urllib.parse.urlencode({self.field: text})
        try:
            request = urllib.request.Request(self.root + self.path, body.encode(), {**kind, **(self.headers or {})})
            with urllib.request.urlopen(request, timeout=SECONDS):
                pass
        # ValueError: the address itself is none
        except (OSError, ValueError, http.client.HTTPException) as error:
            warnings.warn(f"Could not reach RemoteMonitor root server at {self.root} ({error})", stacklevel=2)


def _plain(value: Any) -> Any:
    """What JSON does not know: arrays as lists, anything else as text."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
