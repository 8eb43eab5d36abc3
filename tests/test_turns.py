"""Turns keep their rhythm, their order, and each other's reports."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.errors import Unavailable
from autopyfactory.model import Report
from autopyfactory.turns import Line, Turns
from rig import Rig


@pytest.fixture
def rig():
    rig = Rig()
    yield rig
    rig.close()


class Still:
    """A cycle that only counts, on a clock that a test sets."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.now = 0.0
        self.seconds = seconds
        self.clock = lambda: self.now
        self.ran: list[int] = []

    def run(self, queue, previous):
        self.now += self.seconds
        self.ran.append(previous.number if previous else 0)
        return Report(queue=queue.name, number=len(self.ran))


class TestRhythm:
    def turns(self, rig, cycle, **changes):
        _, source = rig.source()
        _, target = rig.target()
        return Turns(rig.queue(source, target, **changes), cycle, lambda report: None)

    @given(st.floats(0, 1e9), st.sampled_from(["a", "b", "SITE_PROD", "x" * 64]))
    def test_the_first_turn_lies_within_an_interval_at_a_phase_that_the_name_gives(self, wall, name):
        rig = Rig()
        turns = self.turns(rig, Still(), name=name, interval=360)
        due = turns.first(now=50.0, wall=wall)
        assert 50.0 <= due <= 410.0
        later = turns.first(now=50.0, wall=wall + 360)
        assert later == pytest.approx(due, abs=1e-3) or abs(abs(later - due) - 360) < 1e-3

    def test_queues_do_not_start_together(self, rig):
        phases = {
            round(self.turns(rig, Still(), name=f"q{number}", interval=200).first(0, 0))
            for number in range(100)
        }
        assert len(phases) > 50

    @pytest.mark.parametrize(("interval", "step"), [(360, 2.0), (60, 2.0), (6, 0.2)])
    def test_phases_are_whole_steps_so_that_some_follow_each_other_closely(self, rig, interval, step):
        phases = [
            self.turns(rig, Still(), name=f"q{number}", interval=interval).first(0, 0) / step
            for number in range(50)
        ]
        assert phases == pytest.approx([round(phase) for phase in phases])
        assert len(set(phases)) > 20

    @pytest.mark.parametrize(("seconds", "nexts"), [(0, [10, 20, 30]), (9, [10, 20, 30]), (25, [30, 60, 90])])
    def test_turns_keep_their_grid_and_missed_ones_are_not_made_up(self, rig, seconds, nexts):
        cycle = Still()
        turns = self.turns(rig, cycle, interval=10)
        due, dues = 0.0, []
        for _ in nexts:
            cycle.now = due
            cycle.seconds = seconds
            due = turns.turn(due)
            dues.append(due)
        assert dues == nexts

    def test_the_last_report_is_the_state_of_a_queue(self, rig):
        cycle = Still()
        turns = self.turns(rig, cycle)
        for due in range(3):
            turns.turn(float(due))
        assert cycle.ran == [0, 1, 2]

    def test_turns_that_follow_others_wait_for_the_last_one_and_go_on_from_it(self, rig):
        cycle = Still()
        first = self.turns(rig, cycle)
        first.take()
        second = Turns(first.queue, cycle, lambda report: None, first)
        third = Turns(first.queue, cycle, lambda report: None, second)
        assert third.take().number == 2
        assert cycle.ran == [0, 1]
        for followed in (first, second):
            with pytest.raises(Unavailable, match="was just replaced"):
                followed.take()
        assert first.turn(5.0) > 5.0
        assert cycle.ran == [0, 1]

    def test_turns_that_are_followed_before_their_first_hand_over_what_they_were_given(self, rig):
        cycle = Still()
        first = self.turns(rig, cycle)
        first.take()
        second = Turns(first.queue, cycle, lambda report: None, first)
        assert second.hand_over() is first.report


class TestLine:
    def line(self, rig, cycles, interval=0.01):
        cycle = Still()
        cycle.clock = time.monotonic
        cycle.wall = time.time
        _, source = rig.source()
        _, target = rig.target()
        queue = rig.queue(source, target, interval=interval)
        return cycle, Line(Turns(queue, cycle, lambda report: None), cycles)

    def test_a_line_takes_so_many_turns(self, rig):
        cycle, line = self.line(rig, 3)
        line.start()
        thread = line.thread
        line.start()
        assert line.thread is thread
        thread.join(5)
        assert len(cycle.ran) == 3

    def test_a_line_that_stops_takes_no_further_turn(self, rig):
        cycle, line = self.line(rig, None, interval=3600)
        line.start()
        line.stop()
        line.thread.join(5)
        assert not line.thread.is_alive()
        assert cycle.ran == []
