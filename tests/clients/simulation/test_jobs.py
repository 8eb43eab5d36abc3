"""Jobs are taken in order, come back when they were not finished, and are told as they were a while ago."""

from datetime import timedelta
from random import Random

from autopyfactory.clients.simulation.agenda import Agenda
from autopyfactory.clients.simulation.chance import Shape, Spread
from autopyfactory.clients.simulation.jobs import Jobs

HOUR = Spread(mean=timedelta(hours=1), shape=Shape.EXPONENTIAL)


def jobs(*arrivals: tuple[float, int], behind: float = 0.0) -> tuple[Agenda, Jobs]:
    agenda = Agenda()
    agenda.advance(0.0)
    made = Jobs(agenda, Random(1), HOUR, behind)
    made.expect(0.0, iter(arrivals))
    return agenda, made


def test_the_nth_job_is_the_same_whenever_it_is_taken() -> None:
    (early_agenda, early), (late_agenda, late) = jobs((0.0, 3)), jobs((0.0, 1), (5.0, 2))
    early_agenda.advance(0.0)
    first = [early.take() for _ in range(3)]
    late_agenda.advance(9.0)
    assert [late.take() for _ in range(3)] == first
    assert late.take() is None


def test_a_job_that_was_given_back_is_taken_first_and_is_the_same() -> None:
    agenda, made = jobs((0.0, 2))
    agenda.advance(0.0)
    seconds = made.take()
    assert seconds is not None
    made.give_back(seconds)
    assert (made.ready, made.running) == (2, 0)
    assert made.take() == seconds
    made.finish()
    assert (made.ready, made.running, made.finished, made.arrived) == (1, 0, 1, 2)


def test_who_waits_longest_is_called_first_and_who_left_is_not() -> None:
    agenda, made = jobs((10.0, 2), (20.0, 1))
    called: list[str] = []

    def call(name: str) -> None:
        called.append(name)
        made.take()

    for name in ("a", "b", "c", "d"):
        made.wait(name, lambda name=name: call(name))  # type: ignore[misc]
    made.leave("b")
    agenda.advance(15.0)
    assert called == ["a", "c"]
    agenda.advance(20.0)
    assert called == ["a", "c", "d"]


def test_the_time_that_jobs_wait_is_summed() -> None:
    agenda, made = jobs((0.0, 2), (10.0, 1))
    agenda.advance(20.0)
    assert made.waited_until(20.0) == 2 * 20 + 10
    made.take()
    agenda.advance(30.0)
    assert made.waited_until(30.0) == 50 + 2 * 10


def test_counts_that_are_behind_are_those_of_a_while_ago() -> None:
    agenda, made = jobs((10.0, 5), (30.0, 2), behind=15.0)
    told = []
    for moment in (10.0, 24.0, 25.0, 44.0, 45.0):
        agenda.advance(moment)
        told.append(made.counted())
    assert told == [(0, 0), (0, 0), (5, 0), (5, 0), (7, 0)]
