"""Targets with gaps: meaningless, unless the loss is the user's own and may leave them out."""

import numpy as np
import pytest

import kmagic
from kmagic.base.errors import BadData
from kmagic.layers import Dense, Input
from tests.models.diagnosis.cases.own_functions import MaskedDistance, masked_distance
from tests.models.diagnosis.learnable import quantities

X, Y = quantities(60)
GAPS = np.where(np.arange(60)[:, None] % 7, Y.reshape(60, 1), np.nan).astype("float32")


def compiled(loss: object) -> kmagic.Sequential:
    model = kmagic.Sequential([Input((X.shape[1],)), Dense(1)])
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize("loss", [masked_distance, MaskedDistance()])
def test_a_loss_of_the_users_own_may_take_gaps(loss: object) -> None:
    model = compiled(loss)
    (finding,) = [found for found in kmagic.diagnose(model, X, GAPS) if found.code == "K122"]
    assert finding.severity == "hint" and "9 NaN" in finding.message
    assert np.isfinite(model.train_on_batch(X, GAPS))
    assert np.isfinite(model.fit(X, GAPS, verbose=0).history["loss"]).all()
    with pytest.raises(BadData, match="K122"):
        model.train_on_batch(np.where(X > 1, np.nan, X), GAPS)
    with pytest.raises(BadData, match="K122"):
        model.train_on_batch(X, np.where(np.isnan(GAPS), np.inf, GAPS))


def test_other_losses_may_not() -> None:
    model = compiled("mse")
    with pytest.raises(BadData, match="K122: y holds 9 NaN"):
        model.fit(X, GAPS, verbose=0)
    with pytest.raises(BadData, match="K122"):
        model.train_on_batch(X, GAPS)
