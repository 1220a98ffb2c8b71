"""Steps of a preparation that were attached for other data."""

import numpy

from kmagic.models.preparation import MapLabels, Preparation
from tests.models.diagnosis.example import Example, wrong
from tests.models.diagnosis.tables import binary_recipe, classes_recipe, classifier, joined, kinds


@wrong("K230", "error", "MapLabels", "y", "label 0", "cat, dog, owl")
def a_fix_that_was_applied_twice() -> Example:
    x, y = kinds(140)
    model = classifier()
    step = MapLabels(["cat", "dog", "owl"])
    model.preparation = Preparation().added(step).added(step)
    return Example(model, x, numpy.array(["cat", "dog", "owl"])[y], classes_recipe())


@wrong("K230", "error", "MapLabels", "y", "label 0", "-1, 1")
def labels_that_were_mapped_by_hand_too() -> Example:
    x, y = kinds(141, classes=2)
    model = joined(4, 1, "sigmoid")
    model.preparation = Preparation().added(MapLabels([-1, 1]))
    return Example(model, x, y, binary_recipe())
