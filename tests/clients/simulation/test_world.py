"""The simulated batch system keeps its books whatever happens, and repeats itself from its seed."""

import time
from datetime import timedelta
from random import Random
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autopyfactory.clients.simulation import world as module
from autopyfactory.clients.simulation.books import RECENT, RECORDS, Record, Tally
from autopyfactory.clients.simulation.chance import Shape, Spread
from autopyfactory.clients.simulation.jobs import Jobs
from autopyfactory.clients.simulation.laws import Laws
from autopyfactory.clients.simulation.spells import BlackHole, Spell
from autopyfactory.clients.simulation.world import World

ALPHA, BETA, THEIRS = ("us", "ALPHA"), ("us", "BETA"), ("them", "ALPHA")
KEYS = [ALPHA, BETA, THEIRS]


def fixed(seconds: float) -> Spread:
    return Spread(mean=timedelta(seconds=seconds))


def laws(slots: int = 100, delay: float = 10, run: float = 100, **more: Any) -> Laws:
    return Laws(slots=slots, queue_delay=fixed(delay), run_time=fixed(run), **more)


def alpha(world: World, now: float) -> Tally:
    return world.supply(now, "us", ["ALPHA"])["ALPHA"]


spreads = st.builds(
    Spread,
    mean=st.floats(0, 200).map(lambda seconds: timedelta(seconds=seconds)),
    shape=st.sampled_from(Shape),
    width=st.floats(0, 1),
    sigma=st.floats(0, 2),
)
shares = st.floats(0, 1)
all_laws = st.builds(
    Laws, slots=st.integers(0, 6), queue_delay=spreads, run_time=spreads, failures=shares, holds=shares
)
keys = st.sampled_from(KEYS)
deeds = st.one_of(
    st.tuples(st.just("submit"), keys, st.integers(0, 8)),
    st.tuples(st.just("retire"), keys, st.integers(-1, 8), st.booleans()),
    st.tuples(st.just("slots"), st.integers(0, 6)),
    st.tuples(st.just("wait"), st.floats(-10, 300)),
)


def live(world: World, story: list[Any]) -> list[Any]:
    """Let a story happen; what was answered, and after each deed the tallies of all keys."""
    now = 0.0
    told: list[Any] = []
    for deed in story:
        if deed[0] == "submit":
            told.append(world.submit(now, deed[1], deed[2], "tag"))
        elif deed[0] == "retire":
            told.append(world.retire(now, deed[1], deed[2], running=deed[3]))
        elif deed[0] == "slots":
            world.laws = world.laws.model_copy(update={"slots": deed[1]})
        else:
            now += deed[1]
        told.append({key: world.supply(now, key[0], [key[1]])[key[1]] for key in KEYS})
    return told


@given(all_laws, st.lists(deeds, max_size=25), st.integers(0, 5))
def test_the_same_seed_and_calls_give_the_same_answers(given_laws: Laws, story: list[Any], seed: int) -> None:
    assert live(World(given_laws, seed), story) == live(World(given_laws, seed), story)


@given(all_laws, st.lists(deeds, max_size=25))
def test_every_pilot_is_counted_once(given_laws: Laws, story: list[Any]) -> None:
    world, now = World(given_laws), 0.0
    submitted, gone = dict.fromkeys(KEYS, 0), dict.fromkeys(KEYS, 0)
    for deed in story:
        before = world.running
        if deed[0] == "submit":
            submitted[deed[1]] += len(world.submit(now, deed[1], deed[2], "tag"))
        elif deed[0] == "retire":
            taken = world.retire(now, deed[1], deed[2], running=False)
            gone[deed[1]] += len(taken)
            assert len(taken) <= max(0, deed[2])
        elif deed[0] == "slots":
            world.laws = world.laws.model_copy(update={"slots": deed[1]})
        else:
            now += max(0.0, deed[1])
        tallies = {key: world.supply(now, key[0], [key[1]])[key[1]] for key in KEYS}
        assert sum(tally.running for tally in tallies.values()) == world.running
        assert world.running <= max(before, world.laws.slots)
        for key, tally in tallies.items():
            assert min(tally[:4]) >= 0
            ran = min(RECORDS, len(tally.ended))
            assert (
                tally.pending + tally.running + tally.held + ran + gone[key]
                == submitted[key]
                == tally.lifetime
            )
            assert list(tally.starts) == sorted(tally.starts)
            assert [one.end for one in tally.ended] == sorted(one.end for one in tally.ended)
            assert all(one.run_time >= 0 for one in tally.ended)


@given(all_laws, st.lists(deeds, max_size=15), st.lists(st.floats(0, 300), max_size=5))
def test_being_looked_at_more_often_changes_nothing(
    given_laws: Laws, story: list[Any], looks: list[float]
) -> None:
    rare, often, now = World(given_laws), World(given_laws), 0.0
    for deed in story:
        now += 50.0
        for look in sorted(looks):
            often.advance(now - 50.0 + look / 6.0)
        if deed[0] == "submit":
            assert rare.submit(now, deed[1], deed[2], "tag") == often.submit(now, deed[1], deed[2], "tag")
        assert rare.supply(now, "us", ["ALPHA", "BETA"]) == often.supply(now, "us", ["ALPHA", "BETA"])


@given(all_laws, st.lists(deeds, max_size=15))
def test_the_fate_of_pilots_does_not_depend_on_other_queues(given_laws: Laws, story: list[Any]) -> None:
    roomy = given_laws.model_copy(update={"slots": 10**6})
    alone, among = World(roomy), World(roomy)
    for now, deed in enumerate(story):
        among.submit(float(now), BETA, 2, "tag")
        if deed[0] == "submit":
            alone.submit(float(now), ALPHA, deed[2], "tag")
            among.submit(float(now), ALPHA, deed[2], "tag")
        assert alpha(alone, now) == alpha(among, now)


def test_a_pilot_waits_runs_and_ends() -> None:
    world = World(laws(delay=10, run=100))
    assert world.submit(0.0, ALPHA, 2, "tag") == ["1", "2"]
    assert alpha(world, 0.0) == Tally(2, 0, 0, 2, (), ())
    assert alpha(world, 9.9) == Tally(2, 0, 0, 2, (), ())
    assert alpha(world, 10.0) == Tally(0, 2, 0, 2, (10.0, 10.0), ())
    record = Record(110.0, 100.0, "")
    assert alpha(world, 500.0) == Tally(0, 0, 0, 2, (), (record, record))


def test_slots_are_given_in_order_and_at_once() -> None:
    world = World(laws(slots=1, delay=0, run=100))
    world.submit(0.0, ALPHA, 1, "tag")
    world.submit(1.0, BETA, 1, "tag")
    assert world.supply(150.0, "us", ["ALPHA", "BETA"]) == {
        "ALPHA": Tally(0, 0, 0, 1, (), (Record(100.0, 100.0, ""),)),
        "BETA": Tally(0, 1, 0, 1, (100.0,), ()),
    }


def test_new_laws_hold_from_now_on() -> None:
    world = World(laws(slots=0, delay=0))
    world.submit(0.0, ALPHA, 2, "tag")
    assert alpha(world, 50.0).pending == 2
    world.laws = laws(slots=1)
    assert alpha(world, 60.0) == Tally(1, 1, 0, 2, (50.0,), ())


def test_held_pilots_are_taken_away_when_their_time_is_over_unless_they_were_retired() -> None:
    world = World(laws(delay=10, holds=1.0, held_for=timedelta(seconds=60)))
    world.submit(0.0, ALPHA, 3, "tag")
    assert alpha(world, 20.0).held == 3
    assert world.retire(20.0, ALPHA, 1) == ["3"]
    assert alpha(world, 69.0).held == 2
    assert alpha(world, 71.0)[:3] == (0, 0, 0)


def test_held_and_new_pilots_are_retired_first() -> None:
    world = World(laws(slots=1, delay=10, holds=1.0))
    world.submit(0.0, ALPHA, 1, "tag")
    world.laws = laws(slots=1, delay=10)
    world.submit(0.0, ALPHA, 3, "tag")
    assert alpha(world, 20.0)[:3] == (2, 1, 1)
    assert world.retire(20.0, ALPHA, 2) == ["1", "4"]
    assert world.retire(20.0, ALPHA, 9) == ["3"]
    assert world.retire(20.0, ALPHA, 9) == []
    assert world.retire(30.0, ALPHA, 9, running=True) == ["2"]
    assert alpha(world, 30.0) == Tally(0, 0, 0, 4, (), (Record(30.0, 20.0, "retired"),))
    assert alpha(world, 1000.0).ended == (Record(30.0, 20.0, "retired"),)


def test_a_retired_pilot_gives_its_slot_to_the_next() -> None:
    world = World(laws(slots=1, delay=0))
    world.submit(0.0, ALPHA, 1, "tag")
    world.submit(1.0, BETA, 1, "tag")
    world.retire(2.0, ALPHA, 1, running=True)
    assert world.supply(2.0, "us", ["BETA"])["BETA"].running == 1


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_retired_where_there_is_nothing(key: tuple[str, str]) -> None:
    assert World(laws()).retire(0.0, key, 5, running=True) == []


def test_factories_do_not_see_each_other() -> None:
    world = World(laws())
    world.submit(0.0, ALPHA, 2, "tag")
    assert world.supply(0.0, "them", ["ALPHA"]) == {"ALPHA": Tally(0, 0, 0, 0, (), ())}
    assert world.retire(0.0, THEIRS, 5) == []
    assert world.tagged("them", ["tag"]) == {}
    assert world.tagged("us", ["tag", "other"]) == {"tag": 2}


def test_the_newest_tags_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TAGS", 2)
    world = World(laws())
    for tag in ("a", "b", "b", "c"):
        world.submit(0.0, ALPHA, 1, tag)
    assert world.tagged("us", ["a", "b", "c"]) == {"b": 2, "c": 1}


def test_failed_pilots_end_early_and_say_so() -> None:
    world = World(laws(delay=0, run=100, failures=1.0))
    world.submit(0.0, ALPHA, 50, "tag")
    ended = alpha(world, 100.0).ended
    assert {one.reason for one in ended} == {"failed"}
    assert 30 < fmean(one.run_time for one in ended) < 70


def test_starts_of_long_ago_and_records_beyond_the_limit_are_not_told() -> None:
    world = World(laws(slots=10**6, delay=0, run=2 * RECENT))
    world.submit(0.0, ALPHA, RECORDS + 1, "tag")
    world.submit(RECENT, ALPHA, 1, "tag")
    assert len(alpha(world, RECENT).starts) == RECORDS + 2
    assert alpha(world, RECENT + 1).starts == (RECENT,)
    later = alpha(world, 5 * RECENT)
    assert len(later.ended) == RECORDS
    assert later.lifetime == RECORDS + 2


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("mean", [0.0, 60.0])
def test_draws_are_never_negative_and_have_their_mean(shape: Shape, mean: float) -> None:
    random, spread = Random(1), Spread(mean=timedelta(seconds=mean), shape=shape, sigma=0.5)
    drawn = [spread.draw(random) for _ in range(5000)]
    assert min(drawn) >= 0
    assert fmean(drawn) == pytest.approx(mean, rel=0.05)
    assert (len(set(drawn)) > 1) == (shape is not Shape.FIXED and mean > 0)


@pytest.mark.parametrize(
    "wrong", [{"failures": 1.5}, {"holds": -0.1}, {"slots": -1}, {"run_time": {"sigma": 1}}]
)
def test_impossible_laws_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Laws.model_validate(wrong)


def test_a_hundred_thousand_pilots_in_a_thousand_queues_are_no_burden() -> None:
    world = World(laws(slots=50_000, delay=10, run=100))
    began = time.process_time()
    for queue in range(1000):
        world.submit(0.0, ("us", f"Q{queue}"), 100, "tag")
    queues = [f"Q{queue}" for queue in range(1000)]
    assert sum(tally.running for tally in world.supply(60.0, "us", queues).values()) == 50_000
    assert sum(len(tally.ended) for tally in world.supply(500.0, "us", queues).values()) == 100_000
    assert time.process_time() - began < 20


def work(world: World, *arrivals: tuple[float, int], run: float = 60) -> Jobs:
    """Jobs that the pilots of ALPHA take."""
    world.agenda.advance(0.0)
    jobs = Jobs(world.agenda, Random(1), fixed(run))
    jobs.expect(0.0, iter(arrivals))
    world.serve(ALPHA, jobs)
    return jobs


def test_a_pilot_takes_job_after_job_until_its_time_is_over() -> None:
    world = World(laws(delay=0, run=100))
    jobs = work(world, (0.0, 5))
    world.submit(0.0, ALPHA, 1, "tag")
    assert alpha(world, 119.0).running == 1
    assert alpha(world, 120.0).ended == (Record(120.0, 120.0, ""),)
    assert (jobs.finished, jobs.ready) == (2, 3)


def test_a_pilot_without_a_job_waits_for_one_and_then_gives_up() -> None:
    world = World(laws(delay=0, run=1000, idle_exit=timedelta(seconds=50)))
    jobs = work(world, (30.0, 1))
    world.submit(0.0, ALPHA, 2, "tag")
    idle = world.supply(10.0, "us", ["ALPHA"], knows_idle=True)["ALPHA"]
    assert (idle.running, idle.idle, idle.starts) == (2, 2, ())
    assert alpha(world, 10.0).starts == (0.0, 0.0)
    assert [one.run_time for one in alpha(world, 1000.0).ended] == [50.0, 140.0]
    assert jobs.finished == 1
    assert world.books(ALPHA).idle_until(1000.0) == 30 + 50 + 50


@pytest.mark.parametrize("law", [{"failures": 1.0}, {"preemption": fixed(30)}])
def test_the_job_of_a_pilot_that_is_lost_waits_again(law: dict[str, Any]) -> None:
    world = World(laws(delay=0, run=50, **law))
    jobs = work(world, (0.0, 1), run=10_000)
    world.submit(0.0, ALPHA, 1, "tag")
    assert alpha(world, 60.0).running == 0
    assert (jobs.ready, jobs.running) == (1, 0)
    assert 0 < world.books(ALPHA).lost_time <= 50
    assert world.books(ALPHA).barren == 1


def test_pilots_that_begin_in_a_black_hole_take_no_job_and_die() -> None:
    hole = BlackHole(after=timedelta(0), lasts=timedelta(seconds=60))
    world = World(laws(delay=0, run=1000, black_holes=(hole,)))
    jobs = work(world, (0.0, 3))
    world.submit(5.0, ALPHA, 2, "tag")
    assert alpha(world, 20.0).ended == (Record(15.0, 10.0, "failed"),) * 2
    world.submit(61.0, ALPHA, 1, "tag")
    assert alpha(world, 75.0).running == 1
    assert (jobs.ready, jobs.running) == (2, 1)


def test_a_closed_site_starts_nothing_until_it_opens() -> None:
    spell = Spell(after=timedelta(0), lasts=timedelta(seconds=60))
    world = World(laws(delay=0, run=1000, closed=(spell,)))
    world.submit(0.0, ALPHA, 3, "tag")
    assert alpha(world, 59.0).pending == 3
    assert alpha(world, 100.0).starts == (60.0,) * 3


def test_pilots_that_wait_for_a_job_are_retired_before_those_that_have_one() -> None:
    world = World(laws(delay=0, run=1000, idle_exit=timedelta(hours=1)))
    jobs = work(world, (0.0, 1), run=500)
    world.submit(0.0, ALPHA, 3, "tag")
    assert world.retire(10.0, ALPHA, 9) == ["3", "2"]
    assert world.books(ALPHA).killed == 0
    assert world.retire(10.0, ALPHA, 9, running=True) == ["1"]
    assert (world.books(ALPHA).killed, jobs.ready) == (1, 1)
