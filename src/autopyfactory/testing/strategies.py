"""Hypothesis strategies: any observation and report, any policy as a configuration makes it, any chain."""

from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import distribution
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from autopyfactory.errors import ConfigError, Rejected, Unavailable
from autopyfactory.model import (
    Decision,
    Demand,
    Ended,
    Observation,
    Outcome,
    Report,
    Sibling,
    SiteStatus,
    Step,
    Supply,
)
from autopyfactory.options import DURATION
from autopyfactory.ports import Policy

SUITES = [HealthCheck.too_slow, HealthCheck.differing_executors]  # one test runs for many subclasses
PHASES = tuple(phase for phase in Phase if phase is not Phase.explain)  # which would take minutes
OFTEN = settings(max_examples=100, deadline=None, suppress_health_check=SUITES, phases=PHASES)
SELDOM = settings(OFTEN, max_examples=30)

HUGE = 10**400  # more than a floating point number can hold
COUNTS = st.one_of(st.integers(0, 20), st.integers(0, 10**6), st.just(HUGE))
SIGNED = st.one_of(st.integers(-20, 20), st.integers(-(10**6), 10**6), st.sampled_from([-HUGE, HUGE]))
WEIGHTS = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1e6))
SECONDS = st.floats(-1e10, 1e10)


def demands() -> st.SearchStrategy[Demand]:
    """Any demand."""
    status = st.sampled_from([None, *SiteStatus])
    return st.builds(Demand, ready=COUNTS, ready_cores=COUNTS, status=status, as_of=SECONDS)


def supplies() -> st.SearchStrategy[Supply]:
    """Any supply, as the core hands it to policies."""
    maybe = st.none() | COUNTS
    ended = st.builds(Ended, end=st.floats(0, 5000), run_time=st.floats(0, 5000))
    return st.builds(
        Supply,
        pending=COUNTS,
        running=COUNTS,
        held=COUNTS,
        retiring=COUNTS,
        uncertain=COUNTS,
        idle=maybe,
        ended=st.lists(ended, max_size=5).map(tuple),
        lifetime=maybe,
        clock=st.floats(0, 5000),
    )


def observations() -> st.SearchStrategy[Observation]:
    """Any observation."""
    sibling = st.builds(Sibling, queue=st.just("other"), weight=WEIGHTS, pending=COUNTS, running=COUNTS)
    return st.builds(
        Observation,
        demand=demands(),
        supply=supplies(),
        siblings=st.lists(sibling, max_size=4).map(tuple),
        started=COUNTS,
        fleet=COUNTS,
        factory=COUNTS,
        cores=st.integers(1, 128),
        weight=WEIGHTS,
        now=SECONDS,
    )


def reports() -> st.SearchStrategy[Report]:
    """Any report, also of a cycle that did not come far."""
    steps = st.builds(Step, rule=st.just("a step"), result=SIGNED)
    decisions = st.builds(Decision, count=SIGNED, steps=st.lists(steps, max_size=3).map(tuple))
    pilots = st.lists(st.text(max_size=8), max_size=3).map(tuple)
    errors = [ConfigError("mend it"), Unavailable("no answer"), Rejected("no"), ZeroDivisionError("a bug")]
    return st.builds(
        Report,
        queue=st.sampled_from(["ALPHA", "BETA_2.x+y-z"]),
        source=st.just("work"),
        target=st.just("site"),
        number=st.integers(1, 10**6),
        wall=st.floats(0, 4e9),
        began=st.floats(0, 1e9),
        seconds=st.floats(0, 1e4),
        seen=st.none() | observations(),
        decision=st.none() | decisions,
        shadow=st.none() | decisions,
        outcome=st.none() | st.builds(Outcome, submitted=pilots, retired=pilots, uncertain=st.integers(0, 9)),
        error=st.none() | st.sampled_from(errors),
    )


@cache
def shipped() -> Mapping[str, type[Policy]]:
    """The policies that come with the factory, by kind."""
    points = distribution("autopyfactory").entry_points.select(group="autopyfactory.policies")
    return {point.name: point.load() for point in points}


@cache
def adapter(policy: type[Policy]) -> TypeAdapter[Any]:
    """What makes such a policy of the table of a configuration."""
    return TypeAdapter(policy)


def _numbers(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Numbers in the limits of a schema, small ones more often."""
    least, most = schema.get("minimum"), schema.get("maximum", 10**6)
    if schema["type"] == "number":
        return st.floats(least, most, allow_nan=False)
    few = max(20, least or 0)
    return st.integers(least, min(few, int(most))) | st.integers(least, int(most))


def _values(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that one option takes, read from its JSON Schema."""
    if "$ref" in schema:
        return _values(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return st.one_of([_values(choice, definitions) for choice in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    if schema.get("type") == DURATION["type"]:
        return st.integers(0, 5000).map("{}s".format)
    kinds = {"string": st.text(max_size=20), "boolean": st.booleans(), "null": st.none()}
    return kinds[schema["type"]] if schema["type"] in kinds else _numbers(schema)


@cache
def policies_of(policy: type[Policy]) -> st.SearchStrategy[Policy]:
    """Any policy of this class, made of a table as a configuration holds it.

    It knows options that are numbers, words, choices, flags and durations.
    """
    schema = adapter(policy).json_schema()
    required = set(schema.get("required", ()))
    options = {
        name: _values(option, schema.get("$defs", {})) for name, option in schema["properties"].items()
    }
    tables = st.fixed_dictionaries(
        {name: values for name, values in options.items() if name in required},
        optional={name: values for name, values in options.items() if name not in required},
    )
    return tables.map(adapter(policy).validate_python)


def chains(policies: Collection[type[Policy]] | None = None) -> st.SearchStrategy[tuple[Policy, ...]]:
    """Any chain of up to eight policies of these classes, else of ours."""
    among = list(shipped().values()) if policies is None else list(policies)
    return st.lists(st.sampled_from(among).flatmap(policies_of), max_size=8).map(tuple)
