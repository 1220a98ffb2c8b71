"""Names of Keras that are not there: each says so, and what serves instead, wherever a user may meet it."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kmagic
from kmagic import Sequential, callbacks, datasets, models, utils
from kmagic.base.errors import Unsupported
from kmagic.layers import Dense, Input

USES: dict[str, tuple[Callable[[], Any], str]] = {
    "save": (lambda: model().save("m.keras"), "get_weights"),
    "save_weights": (lambda: model().save_weights("m.h5", overwrite=True), "get_weights"),
    "load_weights": (lambda: model().load_weights("m.h5"), "set_weights"),
    "to_json": (lambda: model().to_json(), "get_config"),
    "load_model": (lambda: models.load_model("m.keras"), "get_weights"),
    "model_from_json": (lambda: models.model_from_json("{}"), "clone_model"),
    "saving": (lambda: kmagic.saving.load_model("m.keras"), "get_weights"),
    "applications": (lambda: kmagic.applications.VGG16(), "kmagic.layers"),
    "get_file": (lambda: utils.get_file(origin="https://example.org/a"), "urlretrieve"),
    "array_to_img": (lambda: utils.array_to_img(np.ones((2, 2, 3))), "PIL.Image"),
    "image_dataset_from_directory": (lambda: utils.image_dataset_from_directory("a"), "PyDataset"),
    "model_to_dot": (lambda: utils.model_to_dot(model()), "plot_model"),
    "mnist": (lambda: datasets.mnist.load_data(), "breast_cancer, digits or avengers"),
    "imdb": (lambda: importlib.import_module("kmagic.datasets").imdb.get_word_index(), "digits"),
    "ModelCheckpoint": (lambda: callbacks.ModelCheckpoint("m.keras"), "EarlyStopping"),
    "BackupAndRestore": (lambda: callbacks.BackupAndRestore("folder"), "the model itself"),
    "TensorBoard": (lambda: callbacks.TensorBoard("logs"), "CSVLogger"),
}


def model() -> Sequential:
    return Sequential([Input((3,)), Dense(1)])


@pytest.mark.parametrize("name", USES)
def test_whoever_uses_one_is_told_what_serves_instead(name: str) -> None:
    use, instead = USES[name]
    with pytest.raises(Unsupported, match=f"{name} needs ") as caught:
        use()
    assert instead in (caught.value.expected or "")


def test_what_serves_instead_exists() -> None:
    for package in (models, utils, datasets):
        excluded = importlib.import_module(f"{package.__name__}.excluded").EXCLUDED
        assert not set(excluded) & set(package.__all__)
        for _, instead in excluded.values():
            for word in instead.replace(",", " ").split():
                if word.startswith("kmagic."):
                    assert getattr(importlib.import_module(word.rpartition(".")[0]), word.rpartition(".")[2])


@pytest.mark.parametrize("package", [kmagic, models, utils, datasets])
def test_a_misspelt_name_is_an_attribute_error_with_the_closest(package: Any) -> None:
    known = {kmagic: "Sequential", models: "clone_model", utils: "plot_model", datasets: "digits"}[package]
    with pytest.raises(AttributeError, match=f"did you mean '{known}'"):
        getattr(package, known[:-1] + "x")
    assert not hasattr(package, "__wrapped__")


def test_tools_that_look_at_such_names_are_not_disturbed() -> None:
    assert "save" in dict(inspect.getmembers(model()))
    assert inspect.getdoc(datasets.mnist) and "Excluded" in repr(datasets.mnist)
