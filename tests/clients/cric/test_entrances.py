"""The CE queues of a PanDA queue that can be used, and why others cannot."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.cric.entrances import Entrance, Refusal, Rules, enter
from autopyfactory.clients.cric.selection import Wanted
from catalogue import ce, of_agis, record

RULES = Rules(flavours={"htcondor-ce", "arc-ce"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("a1,=()-", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=5), inner, max_size=3),
    max_leaves=5,
)


def reasons(found: Any, rules: Rules = RULES) -> list[str]:
    return [one.reason for one in enter("NORTH", found, rules) if isinstance(one, Refusal)]


def entrances(found: Any, rules: Rules = RULES) -> list[Entrance]:
    return [one for one in enter("NORTH", found, rules) if isinstance(one, Entrance)]


@pytest.mark.parametrize("made", [record, of_agis])
def test_both_generations_give_the_same(made: Any) -> None:
    (entrance,) = entrances(made())
    assert entrance.computed() == {
        "nickname": "NORTH",
        "panda_resource": "NORTH",
        "host": "ce01.north.example.org",
        "port": 9619,
        "endpoint": "https://ce01.north.example.org:9619",
        "flavour": "htcondor-ce",
        "ce_queue": "grid",
        "cores": 8,
        "memory": "16000MiB",
        "memory_per_core": "2000MiB",
        "wall_time": "172800s",
    }
    assert entrance.value("cloud") == "ND"
    assert entrance.value("ce_name") == "NORTH-CE"
    assert entrance.value("params.pilot_version") == "3.11"


def test_without_limits_there_are_no_limits() -> None:
    (entrance,) = entrances(record(maxrss=0, maxtime=None, queues=[ce(ce_queue_maxwctime=0)]))
    computed = entrance.computed()
    assert (computed["memory"], computed["memory_per_core"], computed["wall_time"]) == (None, None, None)


@pytest.mark.parametrize(
    ("fields", "name"),
    [({}, "NORTH"), ({"panda_resource": None, "siteid": "OLD"}, "OLD"), ({"panda_resource": ""}, "KEY")],
)
def test_a_queue_is_called_as_panda_knows_it(fields: dict[str, Any], name: str) -> None:
    (found,) = enter("KEY", record(**fields), RULES)
    assert isinstance(found, Entrance)
    assert found.resource == name


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (5, "is no record of a queue"),
        (record(state="DISABLED"), "state is 'DISABLED', not ACTIVE"),
        (record(is_virtual=True), "is_virtual is 'true', not false"),
        (record(queues=[]), "has no CE: `queues` is empty"),
        (record(queues="none"), "has no CE: `queues` is empty"),
        (record(queues=[None, 5]), "has no CE: `queues` is empty"),
        (record(queues=[ce(ce_state="INACTIVE")]), "ce_state is 'INACTIVE', not ACTIVE"),
        (record(queues=[ce(ce_flavour="CREAM-CE")]), "there is no template for its ce_flavour, cream-ce"),
        (record(queues=[ce(ce_flavour="")]), "there is no template for its ce_flavour, which is empty"),
        (record(queues=[ce("a b")]), "ce_endpoint 'a b' is no address"),
        (record(queues=[ce(), ce(ce_queue_id=5)]), "stands there twice"),
        (record(queues=[ce(), ce(ce_queue_name="default")]), "gives way to queue 'grid' of the same CE"),
    ],
)
def test_what_cannot_be_used_is_told(found: Any, reason: str) -> None:
    assert any(told.startswith(reason) for told in reasons(found))


def test_what_is_wanted_of_both_is_asked_for() -> None:
    rules = Rules(
        select={"cloud": Wanted("cloud", ("US",))},
        ces={"ce_status": Wanted("ce_status", ("production",))},
        flavours=RULES.flavours,
    )
    assert reasons(record(), rules) == ["cloud is 'ND', not US"]
    assert reasons(record(cloud="US"), rules) == ["ce_status is empty, not production"]


def test_one_bad_ce_costs_no_other() -> None:
    found = record(queues=[ce("a b"), ce(), ce("ce02.example.org", ce_queue_name="default")])
    assert [one.endpoint.host for one in entrances(found)] == ["ce01.north.example.org", "ce02.example.org"]


def test_a_ce_without_an_address_is_called_by_its_name() -> None:
    queues = [ce("", ce_name="OLD-CE"), ce("", ce_name=None, ce_queue_name="")]
    found = [one for one in enter("NORTH", record(queues=queues), RULES) if isinstance(one, Refusal)]
    assert [one.place for one in found] == ["OLD-CE grid", "a CE"]


@given(
    st.dictionaries(st.sampled_from(sorted(record())), JSON),
    st.dictionaries(st.sampled_from(sorted(ce())), JSON),
)
def test_whatever_stands_in_the_fields_there_is_an_entrance_or_a_reason(
    fields: dict[str, Any], entrance: dict[str, Any]
) -> None:
    found = list(
        enter("NORTH", {"queues": [ce(**entrance)]} | record(queues=[ce(**entrance)]) | fields, RULES)
    )
    assert found
    for one in found:
        assert one.computed()["cores"] >= 1 if isinstance(one, Entrance) else one.reason
