"""Hypothesis strategies: any observation, any declared policy as a configuration makes it, any chain."""

from collections.abc import Collection
from functools import cache
from importlib.metadata import EntryPoint, distribution
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from autopyfactory.model import Demand, Ended, Observation, Sibling, SiteStatus, Supply
from autopyfactory.ports import Policy

OFTEN = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SELDOM = settings(OFTEN, max_examples=30)

HUGE = 10**400  # more than a floating point number can hold
COUNTS = st.one_of(st.integers(0, 20), st.integers(0, 10**6), st.just(HUGE))
SIGNED = st.one_of(st.integers(-20, 20), st.integers(-(10**6), 10**6), st.sampled_from([-HUGE, HUGE]))
WEIGHTS = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1e6))
SECONDS = st.floats(-1e10, 1e10)

DECLARED: dict[str, EntryPoint] = {
    point.name: point
    for point in distribution("autopyfactory").entry_points.select(group="autopyfactory.policies")
}


@cache
def adapter(kind: str) -> TypeAdapter[Any]:
    """What makes a policy of this kind from the table of a configuration."""
    return TypeAdapter(DECLARED[kind].load())


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


def _values(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that one option takes, read from its JSON Schema."""
    if "$ref" in schema:
        return _values(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return st.one_of([_values(choice, definitions) for choice in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    least, most = schema.get("minimum"), schema.get("maximum", 10**6)
    return {
        "integer": st.integers(least, 20) | st.integers(least, int(most)),
        "number": st.floats(least, most),
        "boolean": st.booleans(),
        "null": st.none(),
    }.get(str(schema["type"]), st.integers(0, 5000).map("{}s".format))


@cache
def policies_of(kind: str) -> st.SearchStrategy[Policy]:
    """Any policy of this kind, made of a table as a configuration holds it."""
    schema = adapter(kind).json_schema()
    required = set(schema.get("required", ()))
    options = {
        name: _values(option, schema.get("$defs", {})) for name, option in schema["properties"].items()
    }
    tables = st.fixed_dictionaries(
        {name: values for name, values in options.items() if name in required},
        optional={name: values for name, values in options.items() if name not in required},
    )
    return tables.map(adapter(kind).validate_python)


def chains(kinds: Collection[str] = tuple(DECLARED)) -> st.SearchStrategy[tuple[Policy, ...]]:
    """Any chain of up to eight policies of these kinds."""
    policies = st.sampled_from(sorted(kinds)).flatmap(policies_of)
    return st.lists(policies, max_size=8).map(tuple)
