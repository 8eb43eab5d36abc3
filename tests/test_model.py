"""The words of the factory say what they mean."""

import dataclasses

import pytest

from autopyfactory.model import Demand, Ended, Observation, Supply, Unit


@pytest.mark.parametrize(
    ("cores", "ready_cores", "pilots"), [(8, 16, 2), (8, 17, 3), (8, 1, 1), (8, 0, 0), (1, 5, 5)]
)
def test_cores_are_divided_by_what_a_pilot_offers_and_rounded_up(cores, ready_cores, pilots):
    seen = Observation(demand=Demand(ready=99, ready_cores=ready_cores), cores=cores)
    assert seen.ready(Unit.CORES) == pilots
    assert seen.ready() == 99


@pytest.mark.parametrize(("started", "idle", "ready"), [(0, None, 10), (4, None, 6), (4, 3, 3), (9, 9, 0)])
def test_pilots_about_to_take_work_are_subtracted(started, idle, ready):
    seen = Observation(demand=Demand(ready=10), supply=Supply(running=9, idle=idle), started=started)
    assert seen.ready() == ready


def test_pilots_are_those_that_wait_or_run():
    assert Supply(pending=2, running=3, held=7, retiring=9).pilots == 5


@pytest.mark.parametrize(("moment", "count"), [(100.0, 0), (95.0, 1), (89.0, 3), (79.0, 4), (0.0, 5)])
def test_starts_and_ends_since_a_moment_are_counted_on_two_clocks(moment, count):
    supply = Supply(
        starts=(96.0, 90.0),
        ended=(
            Ended(end=2050.0, run_time=40.0),
            Ended(end=2085.0, run_time=5.0),
            Ended(end=2099.0, run_time=9.0),
        ),
        clock=2100.0,
        as_of=100.0,
    )
    assert supply.started_since(moment) == count


def test_what_never_ran_never_started():
    dropped = (Ended(end=2099.0, run_time=0.0),) * 2
    assert Supply(ended=dropped, clock=2100.0, as_of=100.0).started_since(0.0) == 0


def test_where_nobody_knows_what_ended_those_that_run_are_counted():
    assert Supply(starts=(96.0,), ended=None, as_of=100.0).started_since(90.0) == 1


@pytest.mark.parametrize("fact", [Demand(), Supply()])
def test_facts_are_frozen(fact):
    with pytest.raises(dataclasses.FrozenInstanceError):
        fact.as_of = 1.0
