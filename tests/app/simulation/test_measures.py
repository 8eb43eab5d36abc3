"""Queues are added up to one line for all of them."""

from dataclasses import fields, replace
from typing import Any

from autopyfactory.app.simulation.measures import Measures, total

NOTHING: dict[str, Any] = {field.name: 0 for field in fields(Measures)}
QUIET = replace(Measures(**NOTHING), recovery=None)


def test_a_peak_of_one_queue_is_a_peak_of_all_also_where_no_sample_saw_it() -> None:
    parts = [replace(QUIET, peak_pending=13, peak_pilots=20), replace(QUIET, peak_pending=2, peak_pilots=60)]
    found = total(parts, [], [], 0.0)
    assert (found.peak_pending, found.peak_pilots) == (13, 60)
