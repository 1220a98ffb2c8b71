"""Names and options that cannot be made: all of them are findings, and none raises."""

import pytest

import kmagic
from kmagic.layers import Dense, Input
from kmagic.models import Model, Sequential
from kmagic.optimizers import Adam


def model(units=1, head=None):
    return Sequential([Input((4,)), Dense(8, activation="relu"), Dense(units, activation=head)])


def only(code, **arguments):
    found = kmagic.diagnose(arguments.pop("model", None) or model(), **arguments)
    return next(finding for finding in found if finding.code == code)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"optimizer": "adamm"}, "adam"),
        ({"optimizer": "rmsporp"}, "rmsprop"),
        ({"loss": "mean_square_error"}, "mean_squared_error"),
        ({"loss": "binary_cross_entropy"}, "binary_crossentropy"),
        ({"loss": "sparse_categorical_cross_entropy"}, "sparse_categorical_crossentropy"),
        ({"metrics": ["accuarcy"]}, "accuracy"),
        ({"metrics": ["kullback"]}, "kullback_leibler_divergence"),
        ({"weighted_metrics": ["precison"]}, "precision"),
    ],
)
def test_what_was_meant_is_suggested(written, meant):
    finding = only("K131", **{"optimizer": "adam", "loss": "mse", **written})
    assert finding.severity == "error" and meant in finding.fixes[0].code
    assert not [f for f in kmagic.models.diagnosis.review(finding.fixes[0].apply()) if f.code == "K131"]


@pytest.mark.parametrize(
    "known",
    [
        {"optimizer": "lamb"},
        {"loss": "logcosh"},
        {"loss": "MSE"},
        {"metrics": ["rmse", "f1"]},
        {"metrics": ["acc", "AUC"]},
    ],
)
def test_names_that_are_known_here_pass(known):
    found = kmagic.diagnose(model(), **{"optimizer": "adam", "loss": "mse", **known})
    assert "K131" not in {finding.code for finding in found}


def test_several_mistakes_are_mended_at_once():
    finding = only("K131", optimizer="adma", loss="meen_squared_error", metrics=["mae", "accuarcy", "nothing like it"])
    for text in ("'adma'", "'meen_squared_error'", "'accuarcy'", "'nothing like it'"):
        assert text in finding.message
    recipe = finding.fixes[0].apply().recipe
    assert (recipe.loss, recipe.metrics) == ("mean_squared_error", ("mae", "accuracy"))


def test_things_that_are_no_parts_are_told():
    finding = only("K131", optimizer=3, loss="mse")
    assert "3 is no optimizer" in finding.message and "adam" in finding.fixes[0].code


def test_arguments_are_spelt_too():
    finding = only("K131", optimzer="sgd", loss="mse")
    assert "'optimzer'" in finding.message
    assert finding.fixes[0].apply().recipe.optimizer == "sgd"


def test_options_out_of_bounds_get_their_defaults_and_others_stay():
    described = {"class_name": "Adam", "config": {"learning_rate": 0.02, "beta_2": -1}}
    finding = only("K155", optimizer=described, loss="mse")
    assert "beta_2 is -1" in finding.message
    optimizer = finding.fixes[0].apply().recipe.optimizer
    assert isinstance(optimizer, Adam) and optimizer.beta_2 == 0.999
    assert float(optimizer.learning_rate) == pytest.approx(0.02)


def test_a_whole_number_becomes_a_rate():
    finding = only("K132", optimizer={"class_name": "SGD", "config": {"learning_rate": 1}}, loss="mse")
    assert float(finding.fixes[0].apply().recipe.optimizer.learning_rate) == 1.0


@pytest.mark.parametrize(
    ("units", "head", "loss"),
    [
        (1, None, "mse"),
        (1, "sigmoid", "binary_crossentropy"),
        (4, "sigmoid", "binary_crossentropy"),
        (3, "softmax", "sparse_categorical_crossentropy"),
    ],
)
def test_the_loss_that_is_suggested_suits_the_head(units, head, loss):
    assert only("K126", model=model(units, head)).fixes[0].apply().recipe.loss == loss
    assert only("K127", model=model(units, head), optimizer="adam").fixes[0].apply().recipe.loss == loss


def test_each_output_gets_its_loss():
    x = Input((4,))
    made = Model(x, [Dense(1, name="price")(x), Dense(3, activation="softmax", name="kind")(x)])
    loss = only("K127", model=made, optimizer="adam").fixes[0].apply().recipe.loss
    assert loss == {"price": "mse", "kind": "sparse_categorical_crossentropy"}
