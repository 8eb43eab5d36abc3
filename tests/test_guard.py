"""The guard comes last, only reduces, and says why."""

import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from autopyfactory.cut import cut
from autopyfactory.decide import decide
from autopyfactory.downtime import Downtime
from autopyfactory.errors import Closed, Unavailable
from autopyfactory.fleet import Fleet
from autopyfactory.guard import Guard, Stake
from autopyfactory.model import Decision, Demand, Observation, Outcome, Supply
from autopyfactory.options import Limits, QueueLimits, TargetLimits
from autopyfactory.policies.keep_n_running import KeepNRunning
from autopyfactory.policies.ready import Ready
from autopyfactory.testing import VirtualClock
from rig import Rig


def guarded(*, everywhere: Limits | None = None, site: Limits | None = None) -> tuple[Guard, VirtualClock]:
    clock = VirtualClock()
    guard = Guard(Fleet(), clock)
    guard.limit(everywhere or Limits(), {"site": site or Limits()}, fall=0.5, least=10)
    return guard, clock


def look(pilots: int = 0, as_of: float = 1.0, ready: int = 0) -> Observation:
    return Observation(supply=Supply(running=pilots, as_of=as_of), demand=Demand(ready=ready, as_of=as_of))


def started(count: int) -> Outcome:
    return Outcome(submitted=tuple(f"pilot.{number}" for number in range(count)))


def allow(guard: Guard, count: int, seen: Observation | None = None, queue: str = "q") -> Decision:
    return guard.allow(queue, "site", Decision(count=count), seen or look()).decision


def miss(guard: Guard, error: Unavailable) -> None:
    """The status of the queue's pilots is not to be had."""
    guard.miss("q", error)


class TestRates:
    def test_a_bucket_starts_empty(self):
        guard, _ = guarded(site=Limits(per_minute=60))
        decision = allow(guard, 5)
        assert decision.count == 0
        assert decision.steps[-1].rule == "guard: 60 pilots a minute at site"

    def test_a_bucket_fills_with_time_and_holds_a_minute(self):
        guard, clock = guarded(site=Limits(per_minute=60))
        clock.advance(7.5)
        assert allow(guard, 100).count == 7
        clock.advance(1)
        assert allow(guard, 100).count == 1
        clock.advance(3600)
        assert allow(guard, 100).count == 60

    def test_the_factory_has_a_bucket_of_its_own(self):
        guard, clock = guarded(everywhere=Limits(per_minute=60), site=Limits(per_minute=6000))
        clock.advance(10)
        decision = allow(guard, 100)
        assert decision.count == 10
        assert decision.steps[-1].rule == "guard: 60 pilots a minute in the whole factory"

    def test_targets_share_the_tokens_of_the_factory(self):
        guard, clock = guarded(everywhere=Limits(per_minute=60))
        clock.advance(10)
        assert allow(guard, 6).count == 6
        decision = guard.allow("q", "elsewhere", Decision(count=6), look()).decision
        assert decision.count == 4

    def test_what_was_not_used_goes_back(self):
        guard, clock = guarded(everywhere=Limits(per_minute=60), site=Limits(per_minute=60, max_pilots=12))
        clock.advance(10)
        permit = guard.allow("q", "site", Decision(count=10), look())
        assert allow(guard, 10).count == 0
        guard.settle(permit, started(3))
        assert guard.fleet.at("site") == 3
        assert allow(guard, 10).count == 7

    def test_tokens_outlive_a_new_plan(self):
        guard, clock = guarded(site=Limits(per_minute=60))
        clock.advance(10)
        guard.limit(Limits(), {"site": Limits(per_minute=120)}, fall=0.5, least=10)
        assert allow(guard, 100).count == 10
        guard.limit(Limits(), {"site": Limits()}, fall=0.5, least=10)
        assert allow(guard, 100).count == 100


class TestTotals:
    def test_a_target_never_gets_more_than_its_limit(self):
        guard, _ = guarded(site=Limits(max_pilots=10))
        guard.fleet.saw("site", {"other": Supply(pending=4, running=3)}, begun=1)
        decision = allow(guard, 5)
        assert decision.count == 3
        assert decision.steps[-1].rule == "guard: 10 pilots at site, 7 are there"

    def test_the_factory_never_has_more_than_its_limit(self):
        guard, _ = guarded(everywhere=Limits(max_pilots=10))
        guard.fleet.saw("elsewhere", {"other": Supply(pending=4, running=3)}, begun=1)
        assert allow(guard, 5).count == 3

    def test_above_the_limit_nothing_is_retired_by_the_guard(self):
        guard, _ = guarded(site=Limits(max_pilots=10))
        guard.fleet.saw("site", {"other": Supply(pending=40)}, begun=1)
        assert allow(guard, 5).count == 0

    def test_a_target_without_limits_is_not_limited(self):
        guard, _ = guarded()
        permit = guard.allow("q", "unheard of", Decision(count=10**6), look())
        assert (permit.decision, permit.grant.count) == (Decision(count=10**6), 10**6)

    def test_queues_that_share_a_reading_cannot_overshoot_together(self):
        guard, _ = guarded(site=Limits(max_pilots=100))
        guard.fleet.saw("site", {}, begun=1)
        granted = []

        def ask(number: int) -> None:
            granted.append(allow(guard, 7, queue=f"q{number}").count)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert sum(granted) == 100

    @given(
        st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 50), st.booleans()), max_size=30),
        st.integers(0, 60),
        st.integers(1, 200),
    )
    def test_whatever_is_asked_and_used_no_limit_is_exceeded(self, asks, limit, rate):
        guard, clock = guarded(
            site=Limits(max_pilots=limit, per_minute=rate), everywhere=Limits(per_minute=rate)
        )
        there, spent = 0, 0
        for number, (count, used, heard) in enumerate(asks):
            clock.advance(1)
            permit = guard.allow("q", "site", Decision(count=count), look(there, float(number)))
            assert min(count, 0) <= permit.decision.count <= max(count, 0)
            if permit.decision.count > 0:
                used = min(used, permit.decision.count)
                guard.settle(permit, started(used))
                there, spent = there + used, spent + used
            if heard:
                clock.advance(1)
                guard.fleet.saw("site", {"q": Supply(pending=there)}, begun=clock())
            assert there <= limit
            assert spent <= (clock() - 1000.0) * rate / 60


class TestRetirement:
    def retire(self, guard, pilots, as_of, ready=0):
        return allow(guard, -3, look(pilots, as_of, ready))

    def test_nothing_is_retired_until_two_readings_agree(self):
        guard, _ = guarded()
        first = self.retire(guard, 100, 1.0)
        assert first.count == 0
        assert "until two readings agree" in first.steps[-1].rule
        assert self.retire(guard, 100, 1.0).count == 0
        assert self.retire(guard, 90, 2.0).count == -3

    def test_a_new_target_needs_two_readings_of_its_own(self):
        guard, _ = guarded()
        self.retire(guard, 100, 1.0)
        self.retire(guard, 100, 2.0)
        decision = guard.allow("q", "new", Decision(count=-3), look(100, 3.0)).decision
        assert decision.count == 0

    def test_two_readings_that_disagree_confirm_nothing(self):
        guard, _ = guarded()
        self.retire(guard, 5, 1.0)
        assert self.retire(guard, 500, 2.0).count == 0

    def test_the_demand_has_to_agree_too(self):
        guard, _ = guarded()
        self.retire(guard, 100, 1.0, ready=500)
        second = self.retire(guard, 100, 2.0, ready=0)
        assert second.count == 0
        assert "work fell from 500 to 0" in second.steps[-1].rule
        assert self.retire(guard, 100, 3.0, ready=0).count == -3

    def test_nothing_is_retired_while_pilots_are_uncertain(self):
        guard, _ = guarded()
        self.retire(guard, 100, 1.0)
        seen = Observation(supply=Supply(running=100, uncertain=7, as_of=2.0), demand=Demand(as_of=2.0))
        decision = allow(guard, -3, seen)
        assert decision.count == 0
        assert "7 pilots are uncertain" in decision.steps[-1].rule

    def test_an_unknown_demand_confirms_nothing(self):
        guard, _ = guarded()
        for as_of in (1.0, 2.0, 3.0):
            seen = Observation(supply=Supply(running=100, as_of=as_of))
            assert allow(guard, -3, seen).count == 0


class TestCollapse:
    def test_after_a_fall_of_the_supply_nothing_is_submitted_until_a_second_reading(self):
        guard, _ = guarded()
        allow(guard, 0, look(100, 1.0))
        fallen = allow(guard, 50, look(0, 2.0))
        assert fallen.count == 0
        assert "pilots fell from 100 to 0" in fallen.steps[-1].rule
        assert allow(guard, 50, look(0, 3.0)).count == 50

    def test_after_a_fall_of_the_supply_nothing_is_retired_either(self):
        guard, _ = guarded()
        allow(guard, 0, look(100, 1.0))
        allow(guard, 0, look(100, 2.0))
        assert allow(guard, -5, look(20, 3.0)).count == 0
        assert allow(guard, -5, look(20, 4.0)).count == -5

    def test_after_a_fall_of_a_whole_target_none_of_its_queues_submits(self):
        guard, _ = guarded()
        guard.fleet.saw("site", {f"q{number}": Supply(running=5) for number in range(20)}, begun=1)
        allow(guard, 0, look(5, 1.0), queue="q1")
        guard.fleet.saw("site", {f"q{number}": Supply() for number in range(20)}, begun=2)
        decision = allow(guard, 5, look(0, 2.0), queue="q1")
        assert decision.count == 0
        assert "pilots at site fell from 100 to 0" in decision.steps[-1].rule

    def test_a_fall_of_the_demand_does_not_stop_submissions(self):
        guard, _ = guarded()
        allow(guard, 0, look(0, 1.0, ready=500))
        assert allow(guard, 5, look(0, 2.0, ready=5)).count == 5


class TestShare:
    def test_no_more_than_a_share_is_retired_within_the_period_by_all_queues_together(self):
        guard, clock = guarded(site=Limits(retire_share=0.2))
        guard.fleet.saw("site", {"a": Supply(running=50), "b": Supply(running=50)}, begun=1)
        counts = []
        for as_of in range(1, 5):
            counts += [allow(guard, -9, look(50, float(as_of)), queue=queue).count for queue in "ab"]
        assert counts == [0, 0, -9, -9, -2, 0, 0, 0]
        clock.advance(3601)
        assert allow(guard, -9, look(50, 9.0), queue="a").count == -9

    def test_what_was_not_retired_may_be_retired_later(self):
        guard, _ = guarded(everywhere=Limits(retire_share=0.1, retire_least=0))
        guard.fleet.saw("site", {"q": Supply(running=100)}, begun=1)
        allow(guard, 0, look(100, 1.0))
        permit = guard.allow("q", "site", Decision(count=-50), look(100, 2.0))
        assert permit.decision.steps[-1].rule == (
            "guard: 10% of 100 pilots in the whole factory may be retired in 1h, 0 were"
        )
        guard.settle(permit, Outcome(retired=("pilot.1",)))
        assert allow(guard, -50, look(100, 3.0)).count == -9

    def test_what_an_operator_retires_is_counted_and_not_cut(self):
        guard, _ = guarded(site=Limits(retire_share=0.2))
        guard.fleet.saw("site", {"q": Supply(running=100)}, begun=1)
        asked = Decision(count=-60)
        permit = guard.spare("q", "site", asked, look(100, 1.0), hurried=True)
        assert (permit.decision, permit.view.accounts) == (asked, ())
        allow(guard, 0, look(100, 2.0))
        assert allow(guard, -5, look(100, 3.0)).count == 0


class TestDowntime:
    DAILY = Downtime(start="08:00", end="09:00", name="works", retire=False)

    @pytest.mark.parametrize("where", ["queue", "target", "factory"])
    def test_within_it_nothing_is_submitted(self, where):
        guard, _ = guarded()
        limits = dict.fromkeys(("queue", "target", "factory"), ()) | {where: (self.DAILY,)}
        guard.limit(
            Limits(downtime=limits["factory"]),
            {"site": Limits(downtime=limits["target"])},
            {"q": Stake(limits=QueueLimits(downtime=limits["queue"]))},
            fall=0.5,
            least=10,
        )
        hour = 3600.0
        permit = guard.allow("q", "site", Decision(count=5), look(), wall=8.5 * hour)
        assert permit.decision.count == 0
        assert "downtime 'works'" in permit.decision.steps[-1].rule
        assert [closure.scope for closure in permit.view.closures] == [where]
        assert guard.cuts[("downtime", {"queue": "q", "target": "site"}.get(where, ""))] == 1
        assert guard.allow("q", "site", Decision(count=5), look(), wall=9 * hour).decision.count == 5

    def test_other_queues_go_on(self):
        guard, _ = guarded()
        stakes = {"q": Stake(limits=QueueLimits(downtime=(self.DAILY,)))}
        guard.limit(Limits(), {"site": Limits()}, stakes, fall=0.5, least=10)
        assert guard.allow("other", "site", Decision(count=5), look(), wall=8.5 * 3600).decision.count == 5


class TestBreaker:
    def fail(self, guard, times=10):
        for _ in range(times):
            permit = guard.allow("q", "site", Decision(count=5), look())
            guard.settle(permit, Outcome(), Unavailable("down", untouched=True))

    def test_a_queue_that_keeps_failing_is_left_alone_and_then_tries_one_pilot(self):
        guard, clock = guarded()
        self.fail(guard)
        assert allow(guard, 5).steps[-1].rule == (
            "guard: the breaker of queue q is open for 60 s more, after 10 failures in a row"
        )
        assert [tripped.place for tripped in guard.tripped()] == ["q"]
        clock.advance(60)
        permit = guard.allow("q", "site", Decision(count=5), look())
        assert permit.decision.count == 1
        assert allow(guard, 5).count == 0
        guard.settle(permit, started(1))
        assert allow(guard, 5).count == 5

    def test_retirements_go_on(self):
        guard, _ = guarded()
        self.fail(guard)
        allow(guard, 0, look(100, 2.0))
        allow(guard, 0, look(100, 3.0))
        assert allow(guard, -5, look(100, 4.0)).count == -5

    def test_it_outlives_a_new_plan(self):
        guard, _ = guarded()
        self.fail(guard)
        guard.limit(Limits(), {"site": TargetLimits()}, {"q": Stake()}, fall=0.5, least=10)
        assert allow(guard, 5).count == 0

    def test_a_trial_that_the_rate_cut_away_is_none(self):
        guard, clock = guarded(site=Limits(per_minute=1))
        for _ in range(10):
            miss(guard, Unavailable("no answer"))
        assert allow(guard, 5).count == 0
        clock.advance(60)
        assert allow(guard, 5).count == 1

    def test_a_status_that_a_stop_cut_short_is_no_failure(self):
        guard, _ = guarded()
        for _ in range(10):
            miss(guard, Closed("the factory stops"))
        assert allow(guard, 5).count == 5


class TestFairness:
    def test_who_was_cut_short_is_served_before_who_was_not(self):
        guard, clock = guarded()
        stakes = {name: Stake(interval=60.0) for name in "ab"}
        guard.limit(Limits(), {"site": Limits(per_minute=60)}, stakes, fall=0.5, least=10)
        clock.advance(60)
        assert allow(guard, 100, queue="a").count == 60
        assert allow(guard, 100, queue="b").count == 0
        clock.advance(60)
        first = allow(guard, 100, queue="a")
        assert first.count == 30
        assert first.steps[-1].rule == "guard: 60 pilots a minute at site, for which 1 other queue waits"
        assert allow(guard, 100, queue="b").count == 30
        assert guard.cuts == {("per_minute", "site"): 3, ("fairness", "site"): 1}


class TestInTheCycle:
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        rig = Rig()
        yield rig
        rig.close()

    def test_a_target_that_reports_nobody_once_is_not_flooded(self, rig):
        _, source = rig.source({"work": Demand(ready=100)})
        fake, target = rig.target()
        queue = rig.queue(source, target)
        reports = rig.turns(queue, 2, seconds=11)
        fake.answers["q"] = Supply()
        third = rig.cycle.run(queue, reports[-1])
        assert (third.decision.count, len(fake.pilots("q"))) == (0, 100)
        del fake.answers["q"]
        rig.clock.advance(11)
        assert rig.cycle.run(queue, third).decision.count == 0

    def test_the_limits_of_target_and_factory_hold_for_all_queues_together(self, rig):
        _, source = rig.source({"work": Demand(ready=1000)})
        _, target = rig.target(guard=TargetLimits(per_minute=None, max_pilots=120))
        queues = [rig.queue(source, target, name=f"q{number}") for number in range(5)]
        plan = rig.plan(queues)
        rig.guard.limit(Limits(), {"site": target.options.guard}, fall=0.5, least=10)
        target.watch([queue.name for queue in plan.queues.values()])
        reports = [rig.cycle.run(queue) for queue in queues]
        assert [report.decision.count for report in reports] == [120, 0, 0, 0, 0]

    def test_a_queue_whose_status_was_not_to_be_had_for_long_tries_one_pilot_first(self, rig):
        _, source = rig.source({"work": Demand(ready=50)})
        fake, target = rig.target()
        queue = rig.queue(source, target)
        fake.fails["supply"] = Unavailable("no answer")
        failed = rig.turns(queue, 10, seconds=11)
        assert {report.guard for report in failed} == {None}
        fake.fails.clear()
        reports = rig.turns(queue, 2, seconds=11)
        assert [report.decision.count for report in reports] == [1, 49]

    def test_a_report_holds_what_the_guard_saw_and_the_same_cut_comes_of_it(self, rig):
        _, source = rig.source({"work": Demand(ready=50)})
        _, target = rig.target(guard=TargetLimits(per_minute=60))
        rig.guard.limit(Limits(max_pilots=20), {"site": target.options.guard}, fall=0.5, least=10)
        rig.clock.advance(7)
        queue = rig.queue(source, target)
        for report in rig.turns(queue, 3, seconds=11):
            assert cut(decide(queue.policies, report.seen), report.guard) == report.decision

    def test_every_cut_is_a_step_in_the_trail(self, rig):
        _, source = rig.source({"work": Demand(ready=50)})
        _, target = rig.target()
        rig.guard.limit(Limits(max_pilots=20), {}, fall=0.5, least=10)
        report = rig.cycle.run(rig.queue(source, target, policies=(Ready(), KeepNRunning())))
        assert [step.result for step in report.decision.steps] == [50, 50, 20]


class GuardLife(RuleBasedStateMachine):
    """Whatever four queues ask, use and hear at one target, in whatever order."""

    QUEUES = st.sampled_from(["a", "b", "c", "d"])

    def __init__(self) -> None:
        super().__init__()
        self.guard, self.clock = guarded(
            site=Limits(max_pilots=50, per_minute=30, retire_share=0.2, retire_least=3, retire_period="5m")
        )
        self.there: Counter[str] = Counter()
        self.submitted: list[tuple[float, int]] = []
        self.retired: list[tuple[float, int]] = []
        self.read()

    @rule()
    def read(self) -> None:
        self.clock.advance(1.0)
        supplies = {queue: Supply(pending=self.there[queue]) for queue in "abcd"}
        self.guard.fleet.saw("site", supplies, begun=self.clock())

    @rule(seconds=st.integers(1, 120))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(queue=QUEUES, count=st.integers(-40, 40), used=st.integers(0, 40))
    def turn(self, queue: str, count: int, used: int) -> None:
        self.clock.advance(0.1)
        level = sum(self.there.values())
        asked = Decision(count=count)
        seen = look(self.there[queue], self.clock(), ready=100)
        permit = self.guard.allow(queue, "site", asked, seen)
        left = permit.decision.count
        assert min(0, count) <= left <= max(0, count)
        assert cut(asked, permit.view) == permit.decision
        used = min(used, abs(left))
        if left < 0:
            used = min(used, self.there[queue])
            self.guard.settle(permit, Outcome(retired=("gone",) * used))
            self.retired.append((self.clock(), used))
            assert self.within(self.retired, 300.0) <= max(3, 0.2 * max(level, 50))
        elif left > 0:
            self.guard.settle(permit, started(used))
            self.submitted.append((self.clock(), used))
        self.there[queue] += used if left > 0 else -used

    def within(self, acts: list[tuple[float, int]], seconds: float) -> int:
        return sum(count for when, count in acts if when > self.clock() - seconds)

    @invariant()
    def no_limit_is_exceeded(self) -> None:
        assert sum(self.there.values()) <= 50
        assert self.within(self.submitted, 60.0) <= 2 * 30
        assert sum(count for _, count in self.submitted) <= (self.clock() - 1000.0) / 2


TestGuardLife = GuardLife.TestCase
TestGuardLife.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_the_guard_waits_for_nobody_but_its_lock():
    guard, _ = guarded()
    began = time.monotonic()
    with guard.fleet.lock:
        assert allow(guard, 1).count == 1
    assert time.monotonic() - began < 5
