"""Site specs tell the status of sites and the cores of their jobs."""

from typing import Any

import pytest

from autopyfactory.clients.panda.specs import Specs, read_specs

ANSWER: dict[str, Any] = {
    "NORTH": {"status": "online", "coreCount": 8},
    "NORTH/SCORE": {"status": "online", "coreCount": 1},
    "NORTH/MCORE": {"status": "online", "coreCount": 8},
    "SOUTH": {"status": "BrokerOff", "coreCount": None},
    "EAST": {"coreCount": 0},
    "ODD": None,
}


def test_a_status_is_that_of_a_site_not_of_its_parts() -> None:
    assert read_specs(ANSWER).status == {"NORTH": "online", "SOUTH": "brokeroff", "EAST": "none"}


@pytest.mark.parametrize(
    ("site", "kind", "cores"),
    [
        ("NORTH", "SCORE", 1),
        ("NORTH", "MCORE", 8),
        ("NORTH", "HUGE", 8),
        ("SOUTH", "MCORE", 1),
        ("EAST", "SCORE", 1),
        ("NOWHERE", "SCORE", 1),
    ],
)
def test_a_job_has_the_cores_of_its_kind_else_of_its_site_else_one(site: str, kind: str, cores: int) -> None:
    assert read_specs(ANSWER).cores_of(site, kind) == cores


@pytest.mark.parametrize("data", [None, [], {}, {"NORTH": None}, "text"])
def test_no_site_at_all_is_no_answer(data: Any) -> None:
    with pytest.raises(ValueError, match="no site among"):
        read_specs(data)


def test_without_specs_every_job_has_one_core() -> None:
    assert Specs().cores_of("NORTH", "MCORE") == 1
