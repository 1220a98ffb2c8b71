"""plot_model: the picture of a model, in a file and in a notebook."""

from pathlib import Path

import pytest

from kmagic import Input, utils
from kmagic.base.errors import BadType
from kmagic.layers import Dense
from kmagic.models import Sequential


def test_a_file_and_what_a_notebook_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = Sequential([Input((3,)), Dense(2, name="first"), Dense(1, name="last")])
    shown = utils.plot_model(model, show_layer_names=True, rankdir="LR", dpi=96)
    text = Path("model.svg").read_text("utf-8")
    assert text == shown._repr_svg_() and "first (Dense)" in text and "last (Dense)" in text
    utils.plot_model(model, tmp_path / "other.svg", True)
    assert "output: [? 2]" in (tmp_path / "other.svg").read_text("utf-8")
    assert utils.plot_model(model, None)._repr_html_() and len(list(tmp_path.iterdir())) == 2


def test_what_is_no_model() -> None:
    with pytest.raises(BadType, match="is no model"):
        utils.plot_model(Dense(1))
    with pytest.raises(TypeError):
        utils.plot_model(Sequential([Dense(1, input_dim=2)]), None, nonsense=1)  # type: ignore[call-arg]
