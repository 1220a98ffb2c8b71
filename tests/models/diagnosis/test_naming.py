"""Code of fixes in the user's own names."""

from kmagic.models.diagnosis.naming import renamed

NAMES = {"model": "m", "x": "X_train", "y": "labels"}


def test_only_free_names_change() -> None:
    assert renamed("model.compile(x=x, loss='y')", NAMES) == "m.compile(x=X_train, loss='y')"
    assert renamed("keep = y.y > 0; x, y = x[keep], y[keep]", NAMES) == (
        "keep = labels.y > 0; X_train, labels = X_train[keep], labels[keep]"
    )


def test_without_names_nothing_changes() -> None:
    assert renamed("y = y - 1", {}) == "y = y - 1"
