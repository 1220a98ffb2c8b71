"""The magics as data: one grammar each, from which parsing, help, docstrings and completion come."""

from __future__ import annotations

from kmagic.base.parameters import Bound
from kmagic.notebook.grammar import Argument, Grammar, Option
from kmagic.notebook.kinds import Choice, Expression, Flag, Made, ModelName, NewName, Number, PartOf

COUNT = Number(Bound(at_least=1, whole=True))
FROM_ZERO = Number(Bound(at_least=0, whole=True))
POSITIVE = Number(Bound(above=0))
SHARE = Number(Bound(at_least=0, below=1))
ANY = Expression()
CALLBACK = Made(package="kmagic.callbacks")


def _loss_words() -> tuple[str, ...]:
    from kmagic.models.recipe import CROSSENTROPY

    return CROSSENTROPY


def _metric_words() -> tuple[str, ...]:
    from kmagic.models.recipe import ACCURACY, CROSSENTROPY

    return ACCURACY + CROSSENTROPY


def _stages() -> list[str]:
    from kmagic.compiler.pipeline import stage_names

    return stage_names()


OPTIMIZER = PartOf("optimizer", "kmagic.optimizers")
LOSS = PartOf("loss", "kmagic.losses", _loss_words)
METRIC = PartOf("metric", "kmagic.metrics", _metric_words)


def _codes() -> list[str]:
    from kmagic.models.diagnosis.rules import every_rule

    return sorted({rule.code for rule in every_rule()})


PROGRAMS = ("train", "evaluate", "predict")

MODEL = Argument("model", ModelName(), "the name of a model")
X = Argument("x", Expression("x"), "inputs: an expression such as X or X[:800], quoted if it has spaces; or batches")

DATA_X = Argument("x", Expression("x"), "inputs that the choice is checked with", required=False)
Y = Argument("y", Expression("y"), "targets: an expression; left out where x brings them", required=False)
BATCH_SIZE = Option("batch_size", COUNT, "rows per step", 32)
SAMPLE_WEIGHT = Option("sample_weight", ANY, "a weight for each row")
STEPS = Option("steps", COUNT, "only so many batches")
FORCE = Option("force", Flag(), "go on although the review found errors")

RECIPE = (
    Option("optimizer", OPTIMIZER, "a name, or an expression such as Adam(learning_rate=0.01)", "rmsprop"),
    Option("loss", LOSS, "a name, or an expression such as BinaryCrossentropy(from_logits=True)"),
    Option("metrics", METRIC, "one or more names or expressions; losses count too", several=True),
    Option("weighted_metrics", METRIC, "metrics that count rows by their weights", several=True),
    Option("loss_weights", ANY, "what each output's loss counts: [1.0, 0.5], or a dictionary by names of outputs"),
    Option("learning_rate", POSITIVE, "the optimizer's learning rate"),
    Option("steps_per_execution", COUNT, "how many steps a callback that looks at batches sees as one"),
    Option("run_eagerly", Flag(), "run your code line by line in each step, for prints and debuggers"),
)

KMODEL = Grammar(
    "%%kmodel",
    "Define a model: the layers that the cell names, one after the other.",
    (Argument("name", NewName(), "the variable that the model is bound to"),),
    (Option("input", Expression("size"), "the shape of one input row: 100 or (28, 28, 1)"), *RECIPE, FORCE),
    (
        "%%kmodel avengers_model\nDense(32, activation='relu', input_dim=100)\nDense(1, activation='sigmoid')",
        "%%kmodel m --input 100 --optimizer adam --loss mse\nfor n in (64, 32): Dense(n, 'relu')\nDense(1)",
    ),
    """
    The cell is your own code in your own namespace, with the names of layers behind yours.
    A line that gives a layer, or a list of layers, adds it to the model, also in loops, if and with;
    a layer with a name (d = Dense(3)) is not added; one that gets lost is told.
    A cell that builds a Sequential or a Model itself gives that one.
    With a loss or an optimizer the model is compiled at once. Running the cell again replaces the model.
    """,
)

KCOMPILE = Grammar(
    "%kcompile",
    "Choose optimizer, loss and metrics; without options, in a panel that checks the choice.",
    (MODEL, DATA_X, Y),
    (*RECIPE, FORCE),
    (
        "%kcompile avengers_model X y",
        "%kcompile avengers_model --optimizer rmsprop --loss binary_crossentropy --metrics accuracy",
        "%kcompile m --optimizer Adam(learning_rate=0.01) --loss mse --metrics mae,mape",
        "%kcompile m --loss {'price':'mse'} --metrics {'kind':'accuracy'}",
    ),
    "Of a model that is compiled already, what the line does not give stays as it is.",
)

TRAINING = (
    Option("epochs", COUNT, "how often all rows are seen", 1),
    BATCH_SIZE,
    Option("validation_split", SHARE, "the last part of the rows is kept to validate with", 0),
    Option("validation_data", ANY, "rows to validate with: (X, y) or (X, y, weights)"),
    Option("callbacks", CALLBACK, "a callback, or a list of callbacks, such as EarlyStopping(patience=3)"),
    Option("class_weight", ANY, "a weight for each class: {0: 1.0, 1: 5.0}"),
    SAMPLE_WEIGHT,
)

KDIAGNOSE = Grammar(
    "%kdiagnose",
    "What is wrong, or likely to be, with a model, its recipe and data together; with a way to mend each.",
    (MODEL, Argument("x", Expression("x"), "inputs: an expression such as X", required=False), Y),
    (*TRAINING, Option("fix", Choice("code", _codes), "apply the first fix of the finding with this code")),
    ("%kdiagnose avengers_model X y", "%kdiagnose m X y --validation-split 0.2 --fix K144"),
    "%kfit looks for the same and stops at errors; --force there goes on.",
)

KFIT = Grammar(
    "%kfit",
    "Train a compiled model; gives the run at once and shows a live panel.",
    (MODEL, X, Y),
    (
        *TRAINING,
        Option("initial_epoch", FROM_ZERO, "the epoch to count from", 0),
        Option("steps_per_epoch", COUNT, "steps of an epoch, where x gives batches without an end"),
        Option("validation_steps", COUNT, "steps of a validation"),
        Option("no_shuffle", Flag(), "keep the rows in their order"),
        Option("block", Flag(), "wait for the end; the default where nobody watches (terminal, nbclient)"),
        Option("quiet", Flag(), "no panel and no figure"),
        FORCE,
    ),
    (
        "%kfit avengers_model X y --epochs 10 --batch-size 32 --validation-split 0.2",
        "run = %kfit m X[:800] y[:800] --epochs 50 --callbacks EarlyStopping(patience=3)",
        "%kfit m batches --epochs 5 --steps-per-epoch 100",
    ),
    """
    run.stop() stops after the step in progress, run.wait() waits, run.live tells without waiting, run.history waits for
    the end. Stop in the panel and Kernel > Interrupt stop the run as well.
    """,
)

KEVALUATE = Grammar(
    "%kevaluate",
    "Loss and metrics on the given rows.",
    (MODEL, X, Y),
    (BATCH_SIZE, SAMPLE_WEIGHT, STEPS),
    ("%kevaluate avengers_model X_test y_test", "scores = %kevaluate m X_test y_test"),
)

KPREDICT = Grammar(
    "%kpredict",
    "What the model predicts for the given rows.",
    (MODEL, X),
    (BATCH_SIZE, STEPS, Option("into", NewName(), "bind the predictions to this name instead of showing them")),
    ("%kpredict avengers_model X_test --into p", "p = %kpredict m X_test[:5]"),
)

KSUMMARY = Grammar(
    "%ksummary",
    "The layers of a model, their shapes and parameters.",
    (MODEL,),
    (),
    ("%ksummary avengers_model",),
)

KPLAN = Grammar(
    "%kplan",
    "What compiling did: the program after a stage, as text and as a picture.",
    (MODEL,),
    (
        Option("after", Choice("stage", _stages), "the stage to show, such as differentiate, fuse or emit", "place"),
        Option("program", Choice("program", lambda: PROGRAMS), "which one: train, evaluate or predict", "train"),
        BATCH_SIZE,
        Option("brief", Flag(), "the figures in one line and the picture, without the text"),
    ),
    ("%kplan avengers_model", "%kplan avengers_model --after fuse"),
)

COMMANDS = {
    grammar.magic: grammar for grammar in (KMODEL, KCOMPILE, KDIAGNOSE, KFIT, KEVALUATE, KPREDICT, KSUMMARY, KPLAN)
}
