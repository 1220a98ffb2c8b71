"""A JupyterLab server and a browser page for browser tests.

Pictures of the page go to the folder named by `KMAGIC_SCREENSHOTS`, else to the test's own folder.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.lab import Server, browse, serve


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """JupyterLab on an empty folder."""
    folder, home = tmp_path / "notebooks", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    with serve(folder, home) as running:
        yield running


@pytest.fixture
def page(browser: str) -> Iterator[Page]:
    """An empty page."""
    with browse(browser) as opened:
        yield opened


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures of the page go."""
    folder = Path(os.environ.get("KMAGIC_SCREENSHOTS") or tmp_path / "shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
