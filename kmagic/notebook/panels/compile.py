"""The compile panel: choose optimizer, loss and metrics, and see at once whether they suit the model.

Every change is reviewed (`kmagic.models.diagnosis`); while the review finds an error, Compile is refused and the reason
stands beside it. The equivalent Python and the equivalent magic line follow each change. Lists and fields are read from
the registries. Without a front end the same choice and findings are text (`as_text`).
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets
from IPython.display import DisplayHandle, display

from kmagic import losses, metrics, optimizers
from kmagic.base.errors import KmagicError
from kmagic.base.registry import Entry, Registry
from kmagic.models.diagnosis import Case, Finding, review
from kmagic.models.recipe import ACCURACY, CROSSENTROPY, Recipe, make_recipe
from kmagic.notebook.kinds import offered
from kmagic.notebook.panels.form import FIELD, LABEL, LOGARITHMIC, Form
from kmagic.notebook.panels.suggestion import suggest

ICONS = {"error": "✖", "warning": "⚠", "hint": "ℹ"}
LEFT = widgets.Layout(flex="0 0 auto")
RIGHT = widgets.Layout(flex="1 1 320px")
OTHER = "other"


class CompilePanel:
    """The panel for one model; `is_current` tells whether the model still is the one that its name is bound to."""

    def __init__(
        self, model: Any, name: str, data: tuple[Any, Any] | None = None, is_current: Callable[[], bool] = lambda: True
    ) -> None:
        self.model = model
        self.name = name
        self.data = data
        self.is_current = is_current
        self._record: DisplayHandle | None = None
        choice, self.reason = initial(model)
        self._make_choices(choice)
        self._make_texts()
        self.forms: dict[str, Form] = {}
        self._change_form("optimizer", choice["optimizer"])
        self._change_form("loss", choice["loss"])
        self._observe()
        self.box = self._arranged()
        self.check()

    def _make_choices(self, choice: dict[str, Any]) -> None:
        options = {"style": LABEL, "layout": FIELD}
        self.optimizer = widgets.Dropdown(
            options=[entry.name for entry in offered(optimizers.registry)],
            value=_name(choice["optimizer"], optimizers.registry),
            description="Optimizer",
            **options,
        )
        self.loss = widgets.Dropdown(
            options=grouped(losses.registry.entries()),
            value=_name(choice["loss"], losses.registry),
            description="Loss",
            **options,
        )
        self._last_loss = self.loss.value
        names = sorted({*(entry.name for entry in offered(metrics.registry)), ACCURACY[0], CROSSENTROPY[0]})
        self.metrics = widgets.SelectMultiple(
            options=names,
            description="Metrics",
            rows=6,
            value=list(map(_metric_name, choice["metrics"])),
            **options,
        )

    def _make_texts(self) -> None:
        self.findings, self.code, self.status = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.button = widgets.Button(
            description="Compile", icon="check", button_style="primary", tooltip="Compile the model with this choice"
        )
        self.button.on_click(lambda button: self.compile())

    def _observe(self) -> None:
        self.optimizer.observe(lambda change: self._change_form("optimizer", change["new"]), "value")
        self.loss.observe(self._loss_changed, "value")
        self.metrics.observe(lambda change: self.check(), "value")

    def _loss_changed(self, change: dict[str, Any]) -> None:
        # headings of the groups stand in the list, but choose nothing
        if change["new"] in losses.registry.names():
            self._last_loss = change["new"]
            self._change_form("loss", change["new"])
        else:
            self.loss.value = self._last_loss

    def _change_form(self, kind: str, part: Any) -> None:
        """Show the fields of another optimizer or loss."""
        registry = {"optimizer": optimizers.registry, "loss": losses.registry}[kind]
        values = part.get_config() if hasattr(part, "get_config") else {}
        self.forms[kind] = Form(registry.find(_name(part, registry)), self.check, values)
        if hasattr(self, "box"):
            self._place_forms()
            self.check()

    def _arranged(self) -> widgets.VBox:
        title = widgets.HTML(f"<b>Compile {html.escape(self.name)}</b>: {html.escape(self.reason)}")
        self.rate = widgets.VBox()
        titles = ("More of the optimizer", "More of the loss")
        self.details = widgets.Accordion([widgets.VBox(), widgets.VBox()], titles=titles, selected_index=None)
        self._place_forms()
        left = widgets.VBox([self.optimizer, self.rate, self.loss, self.metrics], layout=LEFT)
        right = widgets.VBox([self.findings, self.details], layout=RIGHT)
        choices = widgets.HBox([left, right], layout=widgets.Layout(flex_flow="row wrap"))
        return widgets.VBox([title, choices, self.code, widgets.HBox([self.button, self.status])])

    def _place_forms(self) -> None:
        fields = self.forms["optimizer"].fields
        self.rate.children = [field.widget for name, field in fields.items() if name in LOGARITHMIC]
        further = [field.widget for name, field in fields.items() if name not in LOGARITHMIC]
        self.details.children[0].children = further
        self.details.children[1].children = self.forms["loss"].box.children

    def choice(self) -> dict[str, Any]:
        """The keyword arguments for `compile`; BadValue where a field cannot be read."""
        chosen = {kind: form.part() for kind, form in self.forms.items()}
        return chosen | {"metrics": list(self.metrics.value)}

    def check(self) -> list[Finding]:
        """Review the choice and show what was found and the equivalent code."""
        self.status.value = ""
        try:
            recipe = recipe_of(self.choice())
            found = review(Case(self.model, recipe, *(self.data or ())))
        except KmagicError as error:
            self.findings.value = _listed([("error", str(error), ())])
            self.button.disabled = True
            return []
        self.findings.value = _listed((finding.severity, finding.message, finding.fixes) for finding in found)
        self.code.value = _code(recipe.python(self.name), recipe.magic(self.name))
        self.button.disabled = any(finding.severity == "error" for finding in found)
        return found

    def compile(self) -> None:
        """Compile the model, or say why not."""
        try:
            self._compile()
        except KmagicError as error:
            self.status.value = _line("error", str(error))

    def _compile(self) -> None:
        errors = [finding for finding in self.check() if finding.severity == "error"]
        if errors:
            raise KmagicError(errors[0].message, where="not compiled")
        if not self.is_current():
            raise KmagicError(f"{self.name} was defined anew since", where="not compiled", fix=f"%kcompile {self.name}")
        choice = self.choice()
        self.model.compile(**choice, validate=False)
        self.status.value = '<span role="status">✔ compiled</span>'
        if self._record is not None:
            code = recipe_of(choice).python(self.name)
            self._record.update({"text/plain": f"✔ {self.name} is compiled\n{code}"}, raw=True)

    def show(self) -> None:
        """Show the panel, and under it the line of text that a saved notebook keeps."""
        display(self.box)
        self._record = display({"text/plain": f"{self.name}: choose, then press Compile"}, raw=True, display_id=True)


def initial(model: Any) -> tuple[dict[str, Any], str]:
    """The choice that a panel opens with: the model's recipe if it has one, else a suggestion; and why."""
    if model.recipe is None:
        return suggest(model)
    recipe = model.recipe
    choice = {"optimizer": recipe.optimizer, "loss": recipe.loss, "metrics": list(recipe.metrics or ())}
    if not _is_listed(choice):
        suggestion, why = suggest(model)
        why_not = "uses parts of your own or a schedule, which the panel cannot show"
        return suggestion, f"{why} (its present recipe {why_not})"
    return choice, "as it is compiled now"


def _is_listed(choice: dict[str, Any]) -> bool:
    """Whether the panel's lists hold all parts of a choice."""
    try:
        optimizer = _name(choice["optimizer"], optimizers.registry)
        rate = getattr(choice["optimizer"], "_learning_rate", None)
        if optimizer not in [entry.name for entry in offered(optimizers.registry)] or callable(rate):
            return False
        _name(choice["loss"], losses.registry)
        for metric in choice["metrics"]:
            _metric_name(metric)
    except KmagicError:
        return False
    return True


def _name(part: Any, registry: Registry) -> str:
    """The registered name of a part given by name or as an object; UnknownName if there is none."""
    entry = None if isinstance(part, str) else registry.entry_of(part)
    return (entry or registry.find(part if isinstance(part, str) else type(part).__name__)).name


def _metric_name(metric: Any) -> str:
    """The name of a metric in the list; the short words of `compile` stand there too."""
    for words in (ACCURACY, CROSSENTROPY):
        if isinstance(metric, str) and metric.lower() in words:
            return words[0]
    return _name(metric, metrics.registry)


def grouped(entries: Iterable[Entry]) -> list[str]:
    """Names under headings, one for each first tag."""
    groups: dict[str, list[str]] = {}
    for entry in entries:
        groups.setdefault(entry.tags[0] if entry.tags else OTHER, []).append(entry.name)
    rows = [(f"── {tag} ──", *names) for tag, names in sorted(groups.items())]
    return [label for row in rows for label in row]


def as_text(model: Any, name: str, data: tuple[Any, Any] | None = None) -> str:
    """Suggestion and findings for a terminal: what the panel would show."""
    choice, why = initial(model)
    recipe = recipe_of(choice)
    lines = [f"{name}: {why}", "", f"  {recipe.magic(name)}", f"  {recipe.python(name)}", ""]
    found = [
        f"{ICONS.get(f.severity, '')} {f.severity}: {f.message}" for f in review(Case(model, recipe, *(data or ())))
    ]
    return "\n".join(lines + (found or ["✔ nothing found that speaks against it"]))


def recipe_of(choice: dict[str, Any]) -> Recipe:
    """The recipe of a choice; parts that cannot be made are refused."""
    return make_recipe(choice["optimizer"], choice["loss"], choice["metrics"], None)


def _listed(findings: Iterable[tuple[str, str, Iterable[Any]]]) -> str:
    rows = [_line(severity, message, fixes) for severity, message, fixes in findings]
    return "".join(rows) or '<div role="status">✔ suits the model</div>'


def _line(severity: str, message: str, fixes: Iterable[Any] = ()) -> str:
    said = html.escape(message).replace("\n", "<br>")
    ways = "".join(f"<br>{html.escape(fix.label)}: <code>{html.escape(fix.code)}</code>" for fix in fixes)
    return f'<div role="status">{ICONS.get(severity, "")} <b>{html.escape(severity)}</b>: {said}{ways}</div>'


def _code(python: str, magic: str) -> str:
    return f"<pre>{html.escape(python)}</pre><pre>{html.escape(magic)}</pre>"
