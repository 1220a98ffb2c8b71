"""Which output a metric goes to, what it is called, and whether it is there twice."""

from __future__ import annotations

from typing import Any

from kmagic.base.trees import is_nested
from kmagic.models.diagnosis.facts import Facts, MetricFact
from kmagic.models.diagnosis.finding import Finding, Fix, rule
from kmagic.models.diagnosis.fixes.metrics import listed, remade, swap_metrics
from kmagic.models.diagnosis.fixes.recipe import change_recipe, metrics_with
from kmagic.models.recipe import written

_KINDS = ("regression", "binary", "classes", "distributions")


@rule("K150", "A list of metrics goes to outputs one by one", once=True)
def one_metric_each(facts: Facts) -> Finding | None:
    """As many metrics as outputs: one for each, though all would suit all."""
    given = facts.recipe.metrics
    if facts.outputs < 2 or not isinstance(given, list | tuple) or len(given) != facts.outputs:
        return None
    if any(choice is None or is_nested(choice) for choice in given):
        return None
    outputs = [Facts(facts.shared, number) for number in range(facts.outputs)]
    own = [[fact for fact in output.metrics if not fact.weighted] for output in outputs]
    if any(len(found) != 1 for found in own) or not _are_alike(outputs, [found[0] for found in own]):
        return None
    each = {name: [choice] for name, choice in zip(facts.output_names, given, strict=True)}
    every = {name: list(given) for name in facts.output_names}
    said = ", ".join(f"{name!r}: {_short(choices[0])}" for name, choices in each.items())
    return Finding(
        "K150",
        "warning",
        f"metrics in a list go to the outputs one by one ({said})",
        (
            change_recipe(facts, "All metrics for every output", metrics=every),
            change_recipe(facts, "One for each is meant", metrics=each),
        ),
    )


def _short(choice: Any) -> str:
    return choice if isinstance(choice, str) else written(choice)


def _are_alike(outputs: list[Facts], metrics: list[MetricFact]) -> bool:
    """Whether all outputs are of one kind, which every metric suits, while the metrics differ."""
    kinds = [_kind(output.loss_entry) for output in outputs]
    names = {fact.entry.name if fact.entry else fact.name for fact in metrics}
    if None in kinds or len(set(kinds)) > 1 or len({output.units for output in outputs}) > 1:
        return False
    return len(names) > 1 and all(_kind(fact.entry) == kinds[0] for fact in metrics)


def _kind(entry: Any) -> str | None:
    return next((kind for kind in _KINDS if entry is not None and kind in entry.tags), None)


@rule("K152", "A metric called like a loss")
def metric_called_loss(facts: Facts) -> Finding | None:
    """Its column in the history gets another name."""
    found = [fact for fact in facts.metrics if getattr(fact.object, "name", None) == "loss"]
    if not found:
        return None
    title = f"{facts.output_name}_loss" if facts.outputs > 1 else "loss"
    fixes: tuple[Fix, ...] = ()
    if found[0].entry is not None:
        swaps = [(fact, (remade(fact, name=fact.entry.name),)) for fact in found if fact.entry]
        fixes = (swap_metrics(facts, swaps, f"Call it {found[0].entry.name}"),)
    message = f"a metric is called {title!r}, like the loss; the history has it as {title}_1"
    return Finding("K152", "warning", message, fixes)


@rule("K195", "A metric that is there twice")
def metric_twice(facts: Facts) -> Finding | None:
    """The same numbers under two names."""
    seen: dict[Any, MetricFact] = {}
    for fact in facts.metrics:
        if fact.object is None or fact.entry is None:
            continue
        key = (fact.entry.name, fact.weighted, _options(fact))
        if key in seen:
            said = listed([seen[key], fact])
            fix = change_recipe(facts, f"Leave out {fact.name}", **metrics_with(facts, _without(fact)))
            return Finding("K195", "hint", f"{said}: the same metric is there twice", (fix,))
        seen[key] = fact
    return None


def _options(fact: MetricFact) -> str:
    """What a metric was made of, but for its name."""
    return repr({name: value for name, value in fact.object.get_config().items() if name != "name"})


def _without(fact: MetricFact) -> Any:
    """A list of choices without the last one that is this."""

    def change(chosen: list[Any]) -> list[Any]:
        places = [number for number, item in enumerate(chosen) if item is fact.choice or item == fact.choice]
        return [item for number, item in enumerate(chosen) if not places or number != places[-1]]

    return change
