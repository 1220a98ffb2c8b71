"""The compile panel of one model: lists and forms, findings, code, and what is done with them.

Every change makes a recipe, which is reviewed with the model and the data; facts of the data are gathered once. While
the review finds an error, Compile is refused and the reason stands beside it. A fix changes recipe, model or data at
once and can be undone. Callbacks only read widgets and write those of the same panel.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import ipywidgets as widgets
from IPython.display import DisplayHandle, display

from kmagic.base.errors import KmagicError
from kmagic.base.registry import describe
from kmagic.models.diagnosis import Case, Facts, Finding, Fix, Gathered, errors, review
from kmagic.models.diagnosis.facts import Shared
from kmagic.models.diagnosis.suggestion import suggest
from kmagic.models.diagnosis.suitability import unfit_losses, unfit_metrics, unfit_optimizers
from kmagic.models.editing import remember
from kmagic.models.recipe import Recipe, checked, loss_choices, loss_factors, metric_choices
from kmagic.notebook.panels.compile.code import magic_of, python_of
from kmagic.notebook.panels.compile.code_boxes import CodeBoxes
from kmagic.notebook.panels.compile.finding_list import FindingList
from kmagic.notebook.panels.compile.optimizer import OptimizerChoice
from kmagic.notebook.panels.compile.outlook import Outlook
from kmagic.notebook.panels.compile.output import OutputChoice
from kmagic.notebook.panels.compile.preview_box import PreviewBox
from kmagic.notebook.panels.compile.record import Record
from kmagic.notebook.panels.compile.style import sheet

Data = tuple[Any, Any]


@dataclass(frozen=True)
class Step:
    """What undoing a fix goes back to, and what the model was compiled with after it."""

    label: str
    case: Case
    undo: Callable[[], None]
    compiled: Any = None


def initial(model: Any, data: Data, gathered: Gathered | None = None) -> tuple[Recipe, str]:
    """The recipe that a panel opens with, and why: what the model is compiled with, else a suggestion."""
    if model.recipe is not None:
        return model.recipe, "as it is compiled now"
    found = suggest(Case(model, Recipe(), *data), gathered)
    return found.recipe, f"suggested because {found.why}"


class CompilePanel:
    """The panel of one model; `is_current` tells whether the model still is the one that its name is bound to.

    `names` are what the user calls `x` and `y`, where that is known.
    """

    def __init__(
        self,
        model: Any,
        name: str,
        data: Data = (None, None),
        is_current: Callable[[], bool] = lambda: True,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.model, self.name = model, name
        self.names = {"model": name, **(names or {})}
        self.is_current = is_current
        self.gathered = Gathered()
        self.opening, self.reason = initial(model, data, self.gathered)
        self.case = Case(model, self.opening, *data)
        self.identity = f"{id(self):x}"
        self.found: list[Finding] = []
        self.undoable: list[Step] = []
        self.outputs: list[OutputChoice] = []
        self.problem = ""
        self._seen: Any = None
        self._record: DisplayHandle | None = None
        self._is_quiet = False
        self._make_widgets()
        self.show_recipe(self.opening)

    # ---- widgets ----

    def _make_widgets(self) -> None:
        self.title, self.style, self.status = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.optimizer = OptimizerChoice(self.check)
        self.optimizer.parts.list.add_class("kmagic-optimizer")
        self.findings = FindingList(self.apply, self.names)
        self.code = CodeBoxes()
        self.button = widgets.Button(
            description="Compile", icon="check", button_style="primary", tooltip="Compile the model with this choice"
        )
        self.button.on_click(lambda button: self.compile())
        self.undo_button = widgets.Button(description="Undo", icon="undo", layout=widgets.Layout(width="auto"))
        self.undo_button.on_click(lambda button: self.undo())
        self.reset_button = widgets.Button(
            description="Reset",
            icon="refresh",
            tooltip="Back to the recipe that the panel opened with",
            layout=widgets.Layout(width="auto"),
        )
        self.reset_button.on_click(lambda button: self.show_recipe(self.opening))
        self.preview = PreviewBox(lambda: replace(self.case, recipe=self.recipe()))
        self.outlook = Outlook(self.gathered)
        self.chosen = widgets.VBox([])
        self.box = self._arranged()

    def _arranged(self) -> Any:
        heading = widgets.HTML('<div class="kmagic-heading">Optimizer</div>')
        left = widgets.VBox(
            [heading, self.optimizer.box, self.chosen], layout=widgets.Layout(flex="0 1 420px", min_width="340px")
        )
        title = widgets.HTML('<div class="kmagic-heading">Findings</div>')
        right = widgets.VBox([title, self.findings.box, self.outlook.box], layout=widgets.Layout(flex="1 1 340px"))
        columns = widgets.HBox([left, right], layout=widgets.Layout(flex_flow="row wrap"))
        columns.add_class("kmagic-columns")
        pressed = [self.button, self.outlook.keep, self.undo_button, self.reset_button, self.preview.button]
        actions = widgets.HBox([*pressed, self.outlook.estimate], layout=widgets.Layout(flex_flow="row wrap"))
        actions.add_class("kmagic-actions")
        box = widgets.VBox([self.style, self.title, columns, self.code.box, actions, self.status, self.preview.box])
        box.add_class("kmagic-panel")
        box.add_class(f"kmagic-panel-{self.identity}")
        return box

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        before, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = before

    # ---- recipe to widgets ----

    def show_recipe(self, recipe: Recipe) -> None:
        """Put a recipe into the lists and forms, and review it."""
        with self._quietly():
            self.case = replace(self.case, recipe=recipe)
            self._make_outputs()
            self.optimizer.show(recipe.optimizer)
            names = [output.name for output in self.outputs]
            parts = zip(self.outputs, *_by_output(recipe, names), strict=True)
            for output, loss, weight, metrics in parts:
                output.show(loss, weight, metrics)
            self._mark()
        self.check()

    def _make_outputs(self) -> None:
        """A place for each output; they stay while outputs stay."""
        shared = Shared(self.case, self.gathered)
        titles = [_title(Facts(shared, number), len(shared.names)) for number in range(len(shared.names))]
        if [(output.name, output.title) for output in self.outputs] == list(zip(shared.names, titles, strict=True)):
            return
        self.outputs = [
            OutputChoice(name, title, len(titles) > 1, self.check, self._unfit_metrics(number), _units(shared, number))
            for number, (name, title) in enumerate(zip(shared.names, titles, strict=True))
        ]
        self.chosen.children = [output.box for output in self.outputs]

    def _unfit_metrics(self, number: int) -> Callable[[Sequence[str]], dict[str, str]]:
        return lambda names: unfit_metrics(self.case, number, names, self.gathered)

    def _mark(self) -> None:
        """Grey what cannot suit model and data."""
        grey = {}
        for number, output in enumerate(self.outputs):
            names = [entry.name for entry in output.loss.entries]
            output.mark(unfit_losses(self.case, number, names, self.gathered))
            grey[output.style_class] = output.loss.grey
        parts = self.optimizer.parts
        parts.mark(unfit_optimizers(self.case, [entry.name for entry in parts.entries], self.gathered))
        self.style.value = sheet(self.identity, grey | {"kmagic-optimizer": parts.grey})

    # ---- widgets to recipe ----

    def recipe(self) -> Recipe:
        """The recipe that is chosen; BadValue where a field cannot be read."""
        chosen = {output.name: output for output in self.outputs}
        losses: Any = {name: output.loss.choice() for name, output in chosen.items()}
        metrics: Any = {name: output.metrics.choices() for name, output in chosen.items()}
        weights: Any = {name: output.weight.value for name, output in chosen.items()}
        if len(chosen) == 1:
            (losses,), (metrics,), weights = losses.values(), metrics.values(), self.case.recipe.loss_weights
            metrics = tuple(metrics)
        else:
            metrics = {name: found for name, found in metrics.items() if found} or ()
            weights = weights if set(weights.values()) != {1.0} else None
            losses = losses if any(loss is not None for loss in losses.values()) else None
        return replace(
            self.case.recipe, optimizer=self.optimizer.choice(), loss=losses, metrics=metrics, loss_weights=weights
        )

    # ---- review ----

    def check(self) -> list[Finding]:
        """Review the choice, and show what was found and the equivalent code."""
        if self._is_quiet:
            return self.found
        self.status.value = ""
        try:
            self.case = replace(self.case, recipe=self.recipe(), is_chosen=True)
            found = review(self.case, self.gathered)
            if not errors(found):
                checked(self.case.recipe)
        except KmagicError as error:
            self._show([], str(error))
            return []
        self._show(found)
        self.preview.follow(self.case)
        self.outlook.follow(self.case)
        return self.found

    def notice(self) -> None:
        """Look again after a cell has run: the model may be compiled or trained since, or its name mean another one."""
        if self.model.run is not None and not self.model.run.finished:
            return
        clock = self.model.clock
        seen = self.is_current(), id(self.model.recipe), clock.seconds if clock else None
        if seen != self._seen:
            self._seen = seen
            said = self.status.value
            self.check()
            self.status.value = said

    def _show(self, found: list[Finding], problem: str = "") -> None:
        """Show what a review gave; a `problem` kept the choice from being reviewed."""
        self.found = found
        gone = "" if self.is_current() else f"{self.name} was defined anew since this panel was opened"
        fix = f"; %kcompile {self.name} opens one for the new model" if gone else ""
        self.findings.show(found, gone + fix or problem)
        self.button.disabled = bool(problem or gone or errors(found))
        if not problem:
            self.code.show(python_of(self.case.recipe, self.name), magic_of(self.case.recipe, self.name))
        self.title.value = self._entitled()
        self.reset_button.layout.display = "" if self._is_changed else "none"
        self.undo_button.layout.display = "" if self.undoable else "none"
        if self.undoable:
            self.undo_button.tooltip = f"Undo: {self.undoable[-1].label}"
        self.problem = problem or gone
        self._keep()

    @property
    def _is_changed(self) -> bool:
        return python_of(self.case.recipe, "") != python_of(self.opening, "")

    @property
    def why(self) -> str:
        """Why the recipe is what it is."""
        return f"changed; when opened: {self.reason}" if self._is_changed else self.reason

    def _entitled(self) -> str:
        steps = getattr(self.model, "preparation", None)
        kept = f"data pass through {', '.join(map(repr, steps.steps))}" if steps else ""
        trained = f"to train: {self.case.fit_line()}" if self.case.options.chosen() else ""
        extra = "".join(f'<div class="kmagic-small">{html.escape(line)}</div>' for line in (kept, trained) if line)
        title = f'<span class="kmagic-title">Compile {html.escape(self.name)}</span>'
        return f'{title} <span class="kmagic-why">{html.escape(self.why)}</span>{extra}'

    # ---- fixes ----

    def apply(self, fix: Fix) -> None:
        """Mend a finding: recipe, model or data change at once."""
        before = Step(fix.label, self.case, remember(self.model))
        try:
            mended = fix.apply()
        except Exception as error:  # a fix must not leave a model half changed, whatever its layers say to it
            self._say("error", f"{fix.label}: {describe(error)}")
            return
        self.undoable.append(replace(before, compiled=self.model._compiled))
        self._take(mended)
        self._say("good", f"{fix.label}: done")

    def undo(self) -> None:
        """Take the last fix back."""
        step, since = self.undoable[-1], self.model._compiled
        try:
            step.undo()
        except KmagicError as error:
            self._say("error", f"{step.label}: {error}")
            return
        self.undoable.pop()
        if since is not None and since is not step.compiled:  # the user's own choice since then stays
            self.model.adopt(Case(self.model, since.recipe).with_fresh_optimizer().recipe)
        self._take(step.case)
        self._say("good", f"{step.label}: undone")

    def _take(self, case: Case) -> None:
        self.case = case
        self.outlook.forget()
        self.show_recipe(case.recipe)

    def _say(self, severity: str, text: str) -> None:
        icon = {"error": "✖", "good": "✔"}[severity]
        self.status.value = f'<span role="status">{icon} {html.escape(text)}</span>'

    # ---- compiling ----

    def compile(self) -> None:
        """Compile the model, or say why not."""
        try:
            self._compile()
        except KmagicError as error:
            self._say("error", str(error))

    def _compile(self) -> None:
        blocking = errors(self.check())
        if blocking:
            raise KmagicError(blocking[0].message, where="not compiled")
        if not self.is_current():
            raise KmagicError(f"{self.name} was defined anew since", where="not compiled", fix=f"%kcompile {self.name}")
        recipe = checked(self.recipe())
        self.outlook.compile(recipe)
        self.check()  # what compiling would have lost is no longer ahead
        self._say("good", f"{self.name} is compiled")

    # ---- showing ----

    @property
    def standing(self) -> str:
        """Whether the model is compiled with what the panel shows."""
        if self.model.recipe is None:
            return f"Recipe of {self.name}, not compiled yet"
        is_same = python_of(self.model.recipe, "") == python_of(self.case.recipe, "")
        return f"✔ {self.name} is compiled" if is_same else f"Recipe of {self.name}, which is compiled with another one"

    def record(self) -> Record:
        """What stays of the panel as it is now."""
        found = () if self.problem else self.found
        return Record(self.name, self.standing, self.why, *self.code.texts, found, self.problem, self.names)

    def _keep(self) -> None:
        """Have the record below the panel say what stands in it now."""
        if self._record is not None:
            data, _ = self.record().bundle(self.identity)
            self._record.update(data, raw=True)

    def show(self) -> None:
        """Show the panel, and below it the record that a saved notebook keeps."""
        # without a front end for widgets the record says it all
        display({**self.box._repr_mimebundle_(), "text/plain": f"compile panel of {self.name}"}, raw=True)
        data, _ = self.record().bundle(self.identity)
        self._record = display(data, raw=True, display_id=True)


def as_text(model: Any, name: str, data: Data = (None, None), names: Mapping[str, str] | None = None) -> str:
    """Suggestion and findings for a terminal: what the panel would show."""
    gathered = Gathered()
    recipe, why = initial(model, data, gathered)
    found = review(Case(model, recipe, *data), gathered)
    texts = python_of(recipe, name), magic_of(recipe, name)
    return Record(name, name, why, *texts, found, names={"model": name, **(names or {})}).text()


# ---- several outputs ----


def _by_output(recipe: Recipe, names: Sequence[str]) -> tuple[list[Any], list[Any], list[list[Any]]]:
    """Loss, weight and metrics of each output; what does not fit the outputs is left out."""
    none: list[Any] = [None] * len(names)
    return (
        _fitting(lambda: loss_choices(recipe, names), none),
        _fitting(lambda: loss_factors(recipe, names), none),
        _fitting(lambda: metric_choices(recipe.metrics, names, "metrics"), [[] for _ in names]),
    )


def _fitting(read: Callable[[], list[Any]], otherwise: list[Any]) -> list[Any]:
    try:
        found = read()
    except KmagicError:  # lists or names of outputs that the model has not, or had before a fix
        return otherwise
    return found if len(found) == len(otherwise) else otherwise


def _units(shared: Shared, number: int) -> int | None:
    units = Facts(shared, number).units
    return units if units and units > 1 else None


def _title(facts: Facts, outputs: int) -> str:
    """What stands over the choices of an output."""
    what = f"Output {facts.output_name}" if outputs > 1 else "Loss and metrics"
    shape = facts.output_shape
    said = f" · {facts.units} {'unit' if facts.units == 1 else 'units'}" if shape and facts.units else ""
    return what + said + (f", {facts.activation}" if facts.activation else "")
