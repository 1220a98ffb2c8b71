"""Settings of every test run: the checkout is what is tested, no user's settings are read, browsers are optional.

Tests start other processes (kernels, JupyterLab, plain interpreters). They inherit `PYTHONPATH`, so that an older
installed copy of kmagic is never tested by mistake.
"""

import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_settings_of_no_user = tempfile.TemporaryDirectory(prefix="kmagic-tests-")

os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
os.environ["IPYTHONDIR"] = os.path.join(_settings_of_no_user.name, "ipython")
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
os.environ["MPLBACKEND"] = "Agg"
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"

hypothesis.settings.register_profile("kmagic", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("kmagic")


def find_browser() -> str | None:
    """The browser to test with: `KMAGIC_CHROMIUM`, else the first known one on the path."""
    return os.environ.get("KMAGIC_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the texts of tests/golden anew")


def pytest_report_header() -> str:
    return f"browser: {find_browser() or 'none found, browser tests are left out (apt-get install chromium)'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if find_browser():
        return
    if os.environ.get("KMAGIC_REQUIRE_BROWSER"):
        raise pytest.UsageError("KMAGIC_REQUIRE_BROWSER is set and no Chromium was found.")
    left_out = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def browser() -> str:
    """The path of the browser to test with."""
    found = find_browser()
    assert found is not None
    return found
