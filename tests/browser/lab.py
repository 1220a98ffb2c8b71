"""JupyterLab in a headless browser: a server with settings of its own, and a page object for one notebook."""

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect, sync_playwright

SECONDS = 60
WINDOW = {"width": 1200, "height": 1000}
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# No news and updates over the network; all cells stay in the page, so that they can be found.
SETTINGS: dict[str, dict[str, object]] = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}


def wait_for(what: str, is_true: Callable[[], object], pause: Callable[[float], object] = time.sleep) -> None:
    """Ask until the answer is yes; a TimeoutError says what was waited for."""
    end = time.monotonic() + SECONDS
    while not is_true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {SECONDS} s for {what}")
        pause(0.1)


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address, its token and the folder that it shows."""

    address: str
    token: str
    folder: Path

    def ask(self, path: str, method: str = "GET") -> Any:
        """The answer of the server's REST interface; None while it is not ready."""
        request = urllib.request.Request(f"{self.address}/api{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read() or "null")
        except OSError:  # not up yet, or 500 while a kernel starts
            return None

    def end_sessions(self) -> None:
        """Shut every kernel down."""
        for session in self.ask("/sessions") or []:
            self.ask(f"/sessions/{session['id']}", "DELETE")
        wait_for("kernels to end", lambda: self.ask("/kernels") == [])


@contextlib.contextmanager
def serve(folder: Path, home: Path) -> Iterator[Server]:
    """JupyterLab on a folder, with settings and runtime files below `home`; it listens on this machine only."""
    for name, values in SETTINGS.items():
        path = home / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder)
    log = home / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command(server, port), env=environment(home), cwd=folder, stdout=output, stderr=output
        )
        try:
            wait_for("JupyterLab", lambda: process.poll() is not None or server.ask("/status"))
            assert process.poll() is None, log.read_text()
            yield server
        finally:
            process.terminate()
            process.wait(20)


def command(server: Server, port: int) -> list[str]:
    """How JupyterLab is started."""
    options = {"port": port, "IdentityProvider.token": server.token, "ServerApp.root_dir": server.folder}
    options |= {"ip": "127.0.0.1", "ServerApp.port_retries": 0, "ServerApp.terminals_enabled": False}
    given = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *given]


def environment(home: Path) -> dict[str, str]:
    """The environment of the server: no user's settings are read or written."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    return {**os.environ, **{name: str(home / place) for name, place in places.items()}}


@contextlib.contextmanager
def browse(program: str) -> Iterator[Page]:
    """A page in a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS, headless=True)
        page = browser.new_context(viewport=WINDOW).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(SECONDS * 1000)
        expect.set_options(timeout=SECONDS * 1000)
        yield page
        browser.close()


class Notebook:
    """One notebook open in JupyterLab."""

    def __init__(self, page: Page, server: Server, name: str, shots: Path) -> None:
        self.page, self.server, self.name, self.shots = page, server, name, shots

    def open(self) -> None:
        """Load the page and wait until a kernel can be used."""
        self.page.goto(f"{self.server.address}/lab/tree/{self.name}?token={self.server.token}&reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        # the page says idle before its connection stands, and what is run then is lost: ask the server too
        wait_for("a connected kernel", self.is_ready, lambda seconds: self.page.wait_for_timeout(seconds * 1000))
        self.page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")

    def is_ready(self) -> bool:
        """Whether the kernel is connected and idle."""
        kernels = self.server.ask("/kernels")
        return bool(kernels) and all(
            kernel["connections"] and kernel["execution_state"] == "idle" for kernel in kernels
        )

    def cell(self, number: int) -> Locator:
        """A code cell, counted from 0; negative numbers count from the end."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def output(self, number: int) -> Locator:
        """What a code cell shows."""
        return self.cell(number).locator(".jp-Cell-outputArea")

    def run(self, number: int) -> Locator:
        """Run a code cell, wait until it is done, and give its output."""
        cell = self.cell(number)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        expect(cell.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[\d+\]"))
        return self.output(number)

    def save(self, is_saved: Callable[[], bool]) -> None:
        """Save, and wait until the file is what it shall be: saving goes on after the key is released."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        wait_for("the saved file", is_saved, lambda seconds: self.page.wait_for_timeout(seconds * 1000))

    def photograph(self, name: str) -> None:
        """Keep a picture of the page."""
        self.page.screenshot(path=str(self.shots / f"{name}.png"))


def is_painted(image: Locator) -> bool:
    """Whether an image has arrived and has a size: a broken one has none."""
    return bool(image.evaluate("image => image.complete && image.naturalWidth > 0"))


def wait_until_changed(image: Locator, source: str) -> str:
    """The new source of an image that shows something else now."""
    wait_for(
        "another picture", lambda: image.get_attribute("src") != source, lambda s: image.page.wait_for_timeout(s * 1000)
    )
    return image.get_attribute("src") or ""


def choose(panel: Locator, label: str, name: str, number: int = 0) -> None:
    """Choose a name from a list; names that do not fit stand there with a mark and the reason."""
    listed = panel.get_by_role("combobox", name=label, exact=True).nth(number)
    # ipywidgets writes hard blanks
    option = listed.locator("option", has_text=re.compile(rf"^(✖\s)?{re.escape(name)}(\s—.*)?$"))
    expect(option).to_have_count(1)
    listed.select_option(option.get_attribute("value"))
