"""Steps of a preparation that do not take the data: found, never raised by the diagnosis."""

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadData
from kmagic.models.preparation import DropColumns, MapLabels, Preparation
from tests.models.diagnosis.tables import classes_recipe, classifier, kinds

NAMES = np.array(["cat", "dog", "owl", "fox"])
X, Y = kinds(9)
OTHER = NAMES[np.where(np.arange(200) == 5, 3, Y)]


def prepared() -> kmagic.Sequential:
    model = classifier()
    model.preparation = Preparation().added(MapLabels(["cat", "dog", "owl"]))
    model.compile(**classes_recipe())
    return model


def test_a_label_that_no_fix_knew_is_found_in_targets_and_in_those_of_validation() -> None:
    model = prepared()
    (finding,) = kmagic.diagnose(model, X, OTHER)
    assert finding.code == "K230" and finding.is_meaningless
    assert "MapLabels does not take y: label 'fox', expected one of cat, dog, owl" in finding.message
    (finding,) = kmagic.diagnose(model, X, NAMES[Y], validation_data=(X[:20] + 1, OTHER[:20]))
    assert finding.code == "K230" and "validation y: label 'fox'" in finding.message
    finding.fixes[0].apply()
    assert not model.preparation


def test_fit_and_single_batches_raise_it() -> None:
    model = prepared()
    with pytest.raises(BadData, match="K230.*label 'fox'"):
        model.fit(X, OTHER, verbose=0)
    with pytest.raises(BadData, match="MapLabels does not take y: label 'fox'"):
        model.train_on_batch(X, OTHER)
    model.fit(X, NAMES[Y], verbose=0)


def test_whatever_a_step_raises_names_the_step() -> None:
    model = prepared()
    model.preparation = Preparation().added(DropColumns([7]))
    (finding,) = kmagic.diagnose(model, X, Y)
    assert finding.code == "K230" and "DropColumns does not take x: IndexError" in finding.message
    with pytest.raises(BadData, match="DropColumns does not take x: IndexError"):
        model.predict(X, verbose=0)
