"""What RemoteMonitor posts, to a server of the test's own."""

import json
import queue
import socket
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from kmagic.callbacks import RemoteMonitor
from kmagic.layers import Dense
from kmagic.models import Sequential

LOGS = {"loss": 0.5, "accuracy": np.float32(0.25), "f1": np.array([1.0, 2.0])}
SENT = {"epoch": 3, "loss": 0.5, "accuracy": 0.25, "f1": [1.0, 2.0]}


class Server(ThreadingHTTPServer):
    """A server on this machine that keeps what it is sent, and answers with `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Keeper)
        self.received: queue.Queue[tuple[str, dict[str, str], str]] = queue.Queue()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Keeper(BaseHTTPRequestHandler):
    """Keeps the path, the headers and the body of each request."""

    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.put((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


def test_a_form_with_one_field(server: Server) -> None:
    RemoteMonitor(root=server.root, field="values", headers={"X-Run": "7"}).on_epoch_end(3, LOGS)
    path, headers, body = server.received.get(timeout=5)
    form = urllib.parse.parse_qs(body)
    assert path == "/publish/epoch/end/" and headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["X-Run"] == "7"
    assert list(form) == ["values"] and json.loads(form["values"][0]) == SENT


def test_json_itself(server: Server) -> None:
    RemoteMonitor(root=server.root, path="/here", send_as_json=True).on_epoch_end(3, LOGS)
    path, headers, body = server.received.get(timeout=5)
    assert (path, headers["Content-Type"], json.loads(body)) == ("/here", "application/json", SENT)


def test_each_epoch_of_a_training(server: Server) -> None:
    model = Sequential([Dense(1, input_dim=1)])
    model.compile("sgd", "mse")
    monitor = RemoteMonitor(root=server.root, send_as_json=True)
    history = model.fit(np.ones((2, 1)), np.ones(2), epochs=2, verbose=0, callbacks=[monitor])
    sent = [json.loads(server.received.get(timeout=5)[2]) for _ in range(2)]
    assert sent == [{"epoch": n, "loss": loss} for n, loss in enumerate(history.history["loss"])]


def test_a_server_that_is_not_there_is_a_warning() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.warns(UserWarning, match=f"Could not reach RemoteMonitor root server at {root}"):
            RemoteMonitor(root=root).on_epoch_end(0, {"loss": 1.0})


def test_a_server_that_refuses_is_a_warning(server: Server) -> None:
    server.status = 500
    with pytest.warns(UserWarning, match="500"):
        RemoteMonitor(root=server.root).on_epoch_end(0, {"loss": 1.0})


@pytest.mark.parametrize("root", ["nowhere", "http://[::1", "http://127.0.0.1:port"])
def test_an_address_that_is_none_is_a_warning(root: str) -> None:
    with pytest.warns(UserWarning, match="Could not reach"):
        RemoteMonitor(root=root).on_epoch_end(0, {"loss": 1.0})
