"""The laws of a simulated world, from what a record tells of the real one."""

import statistics
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembling import HEAD, build, planned, with_head
from autopyfactory.app.replay.fit import (
    ONE_JOB,
    Fit,
    arrivals,
    by_place,
    hold_laws,
    levels,
    most_at_once,
    spread,
)
from autopyfactory.app.replay.outages import Sight
from autopyfactory.app.replay.trace import Trace
from autopyfactory.clients.simulation.chance import Shape
from autopyfactory.errors import ConfigError
from autopyfactory.model import Demand, Ended, Observation, Outcome, SiteStatus, Supply
from autopyfactory.options import HeldAs

FIRST = 1000.0
MINUTE = 60.0


def trace(*readings: tuple[int, int, int], queue: str = "A", ends: tuple[float, ...] = ()) -> Trace:
    """Ready and running jobs and running pilots, a minute apart; pilots of ten minutes ended then."""
    found = Trace(queue=queue)
    for number, (ready, running, pilots) in enumerate(readings):
        now = FIRST + number * MINUTE
        ended = tuple(Ended(end=end, run_time=600.0) for end in ends if end <= now)
        demand = Demand(ready=ready, running=running, as_of=1.0)
        found.take(now, Observation(demand=demand, supply=Supply(running=pilots, ended=ended)), None)
    return found


def test_work_that_waits_at_first_is_there_at_once() -> None:
    assert list(arrivals([trace((7, 0, 0))], FIRST)) == [(0.0, 7)]
    assert list(arrivals([Trace(queue="A")], FIRST)) == []
    assert list(arrivals([], FIRST)) == []


@pytest.mark.parametrize(
    ("readings", "ends", "came"),
    [
        (((0, 0, 0), (4, 0, 0)), (), [(60.0, 4)]),
        (((5, 0, 0), (2, 3, 3)), (), []),  # taken
        (((5, 0, 0), (2, 4, 4)), (), [(60.0, 1)]),
        (((0, 3, 3), (0, 2, 2)), (FIRST + 30,), []),  # done
        (((0, 3, 3), (0, 3, 3)), (FIRST + 30,), [(60.0, 1)]),  # one done, one came
        (((0, 3, 3), (0, 2, 2), (2, 2, 2)), (), [(120.0, 1)]),  # gone, nobody knows why: made up for
        (((1, 0, 2), (0, 0, 3)), (), []),  # the source knows no running jobs
    ],
)
def test_as_many_jobs_came_as_there_are_more_of_and_as_pilots_ended(
    readings: tuple[tuple[int, int, int], ...], ends: tuple[float, ...], came: list[tuple[float, int]]
) -> None:
    assert list(arrivals([trace(*readings, ends=ends)], FIRST))[1:] == came


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.just(0)), min_size=1, max_size=20))
def test_what_came_covers_what_is_there_at_every_reading(readings: list[tuple[int, int, int]]) -> None:
    found = trace(*readings)
    came = list(arrivals([found], FIRST))
    for wall, _, there in levels(found):
        assert sum(number for age, number in came if age <= wall - FIRST) >= there - levels(found)[0][2]
    assert all(number > 0 for _, number in came[1:])


def test_pilots_of_all_queues_of_a_work_end() -> None:
    one, other = trace((0, 2, 2), (0, 2, 2)), trace((0, 2, 2), (0, 2, 2), queue="B", ends=(FIRST + 1,))
    assert list(arrivals([one, other], FIRST))[1:] == [(60.0, 1)]


def test_the_most_pilots_at_once_are_those_of_all_queues_together() -> None:
    one, other = trace((0, 0, 5), (0, 0, 9), (0, 0, 1)), trace((0, 0, 1), (0, 0, 2), (0, 0, 8), queue="B")
    assert most_at_once([one, other]) == 11
    assert most_at_once([]) == 0


@given(st.lists(st.floats(1, 1e5), min_size=1, max_size=50))
def test_a_spread_has_the_mean_of_what_it_is_fitted_to(times: list[float]) -> None:
    found = spread(times)
    assert found.mean.total_seconds() == pytest.approx(statistics.fmean(times), abs=1e-5)
    assert found.shape is Shape.LOGNORMAL


def test_a_spread_scatters_as_what_it_is_fitted_to() -> None:
    random = Random(1)
    found = spread(random.lognormvariate(6.0, 0.7) for _ in range(5000))
    assert found.sigma == pytest.approx(0.7, rel=0.05)


def fit(*traces: Trace) -> Fit:
    return Fit(first=FIRST, traces={one.queue: one for one in traces}, places={"A": "ce01", "B": "other"})


def test_a_record_without_an_ended_pilot_is_not_enough() -> None:
    with pytest.raises(ConfigError, match="no pilot ended within this time"):
        fit(trace((1, 1, 1)))


def test_a_target_has_the_slots_and_the_delay_of_its_own_queues() -> None:
    mine = Trace(queue="A")
    for number, pending in enumerate((4, 2, 0)):
        supply = Supply(pending=pending, running=3 + number, ended=(Ended(end=FIRST + 1, run_time=300.0),))
        mine.take(FIRST + number * MINUTE, Observation(supply=supply), Outcome(submitted=("x",)))
    plan = planned(with_head("[queue.A]\n"))
    site = fit(mine, trace((0, 0, 50), queue="B")).nature(plan).sites["ce01"]
    assert site.slots == 5
    assert site.queue_delay.mean.total_seconds() == pytest.approx((4 + 2) * MINUTE / (4 + 3))
    assert site.run_time == ONE_JOB


def test_a_new_target_is_as_the_others_and_a_queue_without_a_source_only_runs() -> None:
    text = "[target.new]\nkind = 'local'\n[queue.C]\ntarget = 'new'\n"
    whole = planned(with_head(text))
    nature = fit(trace((0, 0, 50), (0, 0, 40), ends=(FIRST + 1,))).nature(whole)
    assert nature.sites["new"].slots == 50
    assert nature.sites["new"].queue_delay.mean.total_seconds() == 0
    assert nature.systems["jobs"].work["C"].run_time.mean.total_seconds() == 600
    assert nature.recorded["jobs", "C"] == ()


def test_pilots_of_queues_without_work_run_as_long_as_they_did() -> None:
    head = HEAD.replace('source = "jobs"', "").replace('{ kind = "ready" }', '{ kind = "fixed", count = 1 }')
    plan = planned(build(head + "[queue.A]\n"))
    site = fit(trace((0, 0, 5), (0, 0, 5), ends=(FIRST + 1,))).nature(plan).sites["ce01"]
    assert site.run_time.mean.total_seconds() == 600


def test_the_site_of_a_work_is_what_the_source_said() -> None:
    found = trace((1, 0, 0), ends=(FIRST,))
    for number, status in ((1, SiteStatus.OFFLINE), (3, SiteStatus.ONLINE)):
        demand = Demand(ready=1, status=status, as_of=1.0)
        found.take(FIRST + number * MINUTE, Observation(demand=demand), None)
    (spell,) = fit(found).stream([found]).status
    assert (spell.after.total_seconds(), spell.lasts.total_seconds(), spell.status) == (60, 120, "offline")


def test_queues_are_where_their_pilots_are_whatever_is_wrapped_around() -> None:
    text = "[target.look]\nkind = 'dry_run'\ntarget = 'ce01'\n[queue.A]\ntarget = 'look'\n[queue.B]\n"
    found = by_place(planned(with_head(text)))
    assert {name: [queue.name for queue in queues] for name, queues in found.items()} == {"ce01": ["A", "B"]}


def test_pilots_are_held_as_often_and_as_long_as_they_were() -> None:
    mine = Trace(queue="A")
    for number, held in enumerate((0, 2, 2, 0)):
        supply = Supply(pending=0, held=held, ended=(Ended(end=FIRST + 1, run_time=300.0),))
        outcome = Outcome(submitted=("1", "2", "3", "4")) if number < 2 else None
        mine.take(FIRST + number * MINUTE, Observation(supply=supply), outcome, HeldAs.NOTHING)
    site = fit(mine).site("ce01", ())
    assert site.holds == 2 / 8
    assert site.held_for == timedelta(minutes=2)
    assert hold_laws([trace((1, 1, 1))]) == {}


def test_who_gave_no_answer_gives_none() -> None:
    one, other = trace((0, 0, 0), ends=(FIRST,)), trace((0, 0, 0), queue="B")
    for found in (one, other):
        found.source = "jobs"
        found.asked_source += [Sight(FIRST + at, found.queue, at != 60) for at in (0, 60, 120)]
        found.asked_target += [Sight(FIRST + at, found.queue, at < 180) for at in (0, 180, 240)]
    nature = fit(one, other).nature(planned(with_head("[queue.A]\n[queue.B]\n")))
    (source,) = nature.systems["jobs"].outages
    assert (source.after, source.lasts) == (timedelta(seconds=60), timedelta(seconds=60))
    (target,) = nature.sites["ce01"].outages  # as B is not there, A is all that is known of it
    assert (target.after, target.lasts) == (timedelta(seconds=180), timedelta(seconds=60))
