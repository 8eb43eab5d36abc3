"""What a pilot may have, whatever units its fields have."""

from typing import Any

import pytest

from autopyfactory.clients.cric.measures import Measures, measure
from catalogue import ce, record


@pytest.mark.parametrize(
    ("fields", "entrance", "expected"),
    [
        ({}, {}, (8, 16000, 2880 * 60, "grid")),
        (
            {"corecount": None, "maxrss": None, "maxtime": None},
            {"ce_queue_maxwctime": None},
            (1, None, None, "grid"),
        ),
        ({"corecount": 0, "maxrss": 0, "maxtime": 0}, {"ce_queue_maxwctime": 0}, (1, None, None, "grid")),
        ({"corecount": -8, "maxrss": -1, "maxtime": -1}, {"ce_queue_maxwctime": -5}, (1, None, None, "grid")),
        ({"corecount": "4", "maxrss": "8000"}, {}, (4, 8000, 2880 * 60, "grid")),
        ({"maxrss": 2000, "catchall": "Pull,per_core_attr"}, {}, (8, 16000, 2880 * 60, "grid")),
        ({"maxtime": 3600}, {}, (8, 16000, 3600, "grid")),
        ({"maxtime": 0}, {}, (8, 16000, 2880 * 60, "grid")),
        ({}, {"ce_queue_maxwctime": 999999999}, (8, 16000, 345600, "grid")),
        ({}, {"ce_queue_maxwctime": 2147483647}, (8, 16000, 345600, "grid")),
        ({}, {"ce_queue_name": "default"}, (8, 16000, 2880 * 60, "")),
        ({}, {"ce_queue_name": None}, (8, 16000, 2880 * 60, "")),
        (
            {"special_par": "(queue=long)(maxWallTime=60)(xcount=2)(maxMemory=4000)"},
            {},
            (2, 4000, 3600, "long"),
        ),
        ({"special_par": 5, "catchall": ["x"]}, {}, (8, 16000, 2880 * 60, "grid")),
    ],
)
def test_limits_come_with_their_units_or_not_at_all(
    fields: dict[str, Any], entrance: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    cores, memory, seconds, queue = expected
    found = measure(record(**fields), ce(**entrance))
    assert found == Measures(cores=cores, memory=memory, seconds=seconds, queue=queue)
