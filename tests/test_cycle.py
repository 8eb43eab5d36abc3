"""The rules of the core, each told by a queue that lives through it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import CredentialType, Demand, Need, Outcome, Proof, Supply
from autopyfactory.options import HeldAs, Limits
from autopyfactory.plan import FactoryLimits
from autopyfactory.policies.fixed import Fixed
from autopyfactory.policies.keep_n_running import KeepNRunning
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.min_per_cycle import MinPerCycle
from autopyfactory.policies.ready import Ready
from autopyfactory.policies.share import Share
from autopyfactory.testing import FakeWork
from rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


def counts(reports):
    return [report.decision.count if report.decision else None for report in reports]


def test_a_queue_with_work_and_no_pilots_submits_what_its_chain_says(rig):
    _, source = rig.source({"work": Demand(ready=40)})
    fake, target = rig.target()
    [report] = rig.turns(rig.queue(source, target), 1)
    assert report.error is None
    assert [step.result for step in report.decision.steps] == [40]
    assert len(report.outcome.submitted) == len(fake.pilots("q", "pending")) == 40
    assert (report.source, report.target, report.number) == ("wms", "site", 1)


class TestUnknownIsNotZero:
    @pytest.mark.parametrize(
        "error", [Unavailable("no answer"), RuntimeError("a bug"), Rejected("forbidden")]
    )
    def test_no_decision_is_made_on_a_supply_that_failed(self, rig, error):
        _, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target()
        fake.fails["supply"] = error
        [report] = rig.turns(rig.queue(source, target, when_unknown=1), 1)
        assert report.decision is None
        assert isinstance(report.error, Unavailable)
        assert fake.asked("submit") == []

    def test_no_decision_is_made_on_a_demand_that_failed(self, rig):
        wms, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target()
        wms.fail = Unavailable("connection refused")
        [report] = rig.turns(rig.queue(source, target, policies=(Ready(), MinPerCycle(limit=1))), 1)
        assert report.decision is None
        assert "connection refused" in str(report.error)
        assert fake.asked("submit") == []

    def test_work_absent_from_an_answer_is_unknown(self, rig):
        _, source = rig.source({"other": Demand(ready=1)})
        _, target = rig.target()
        [report] = rig.turns(rig.queue(source, target), 1)
        assert "said nothing of" in str(report.error)

    def test_a_queue_absent_from_an_answer_is_unknown(self, rig):
        _, source = rig.source({"work": Demand(ready=1)})
        fake, target = rig.target()
        fake.answers["q"] = None
        [report] = rig.turns(rig.queue(source, target), 1)
        assert "said nothing of q" in str(report.error)
        assert fake.asked("submit") == []

    def test_a_single_unknown_within_an_answer_says_why(self, rig):
        wms, source = rig.source()
        wms.answers[FakeWork()] = Unavailable("constraint does not parse")
        fake, target = rig.target()
        fake.answers["q"] = Unavailable("no such partition")
        [report] = rig.turns(rig.queue(source, target), 1)
        assert "constraint does not parse" in str(report.error)
        [report] = rig.turns(rig.queue(source, target, when_unknown=2), 1)
        assert "no such partition" in str(report.error)

    def test_when_unknown_is_a_step_behind_the_caps(self, rig):
        wms, source = rig.source()
        wms.fail = Unavailable("down")
        fake, target = rig.target()
        chain = (Ready(), MinPerCycle(limit=9), MaxPending(limit=3))
        reports = rig.turns(rig.queue(source, target, policies=chain, when_unknown=2), 2)
        assert counts(reports) == [2, 1]
        assert "down" in str(reports[0].decision.steps[0].rule)
        assert reports[0].decision.steps[1].rule == MaxPending(limit=3)
        assert reports[0].error is not None
        assert len(fake.pilots("q")) == 3

    def test_nothing_is_retired_on_an_unknown_demand(self, rig):
        wms, source = rig.source()
        wms.fail = Unavailable("down")
        fake, target = rig.target()
        fake.answers["q"] = Supply(pending=9)
        chain = (MaxPending(limit=3, may_retire=True),)
        reports = rig.turns(rig.queue(source, target, policies=chain, when_unknown=2), 3)
        assert counts(reports) == [0, 0, 0]
        assert fake.asked("retire") == []


class TestNeverOnAPictureOlderThanTheLastAct:
    def test_the_supply_is_asked_after_the_last_act_whatever_the_age_of_shared_answers(self, rig):
        _, source = rig.source({"work": Demand(ready=40)}, max_age="1h")
        fake, target = rig.target(max_age="1h")
        queue = rig.queue(source, target, interval=3600)
        reports = rig.turns(queue, 3, seconds=1)
        assert counts(reports) == [40, 0, 0]
        assert len(fake.asked("supply")) == 2

    def test_a_queue_that_did_not_act_shares_the_answer(self, rig):
        _, source = rig.source({"work": Demand(ready=0)}, max_age="1h")
        fake, target = rig.target(max_age="1h")
        rig.turns(rig.queue(source, target, interval=3600), 3, seconds=1)
        assert len(fake.asked("supply")) == 1

    def test_an_answer_older_than_the_interval_is_asked_anew(self, rig):
        _, source = rig.source({"work": Demand(ready=0)}, max_age="1h")
        fake, target = rig.target(max_age="1h")
        rig.turns(rig.queue(source, target, interval=10), 3, seconds=11)
        assert len(fake.asked("supply")) == 3

    def test_a_submission_whose_answer_is_lost_counts_until_its_tag_is_found(self, rig):
        _, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target()
        fake.lose_answer = True
        first, second = rig.turns(rig.queue(source, target), 2)
        assert first.outcome == Outcome(uncertain=40)
        assert "lost" in str(first.error)
        assert second.seen.supply.uncertain == 0
        assert second.seen.supply.pending == 40
        assert counts([second]) == [0]
        assert fake.asked("tagged") == [("tag-1",)]

    def test_a_submission_that_never_arrived_is_given_up_after_it_has_settled(self, rig):
        _, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target(settle="60s")
        fake.fails["submit"] = Unavailable("killed")
        queue = rig.queue(source, target)
        reports = rig.turns(queue, 8, seconds=11)
        assert counts(reports) == [40, 0, 0, 0, 0, 0, 0, 40]
        assert [report.seen.supply.uncertain for report in reports] == [0, 40, 40, 40, 40, 40, 40, 0]

    def test_a_submission_that_surely_did_not_begin_is_tried_again_at_once(self, rig):
        _, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target()
        fake.fails["submit"] = Unavailable("no connection", untouched=True)
        reports = rig.turns(rig.queue(source, target), 2)
        assert counts(reports) == [40, 40]
        assert reports[0].outcome == Outcome()

    def test_a_refused_submission_is_not_uncertain(self, rig):
        _, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target()
        fake.fails["submit"] = Rejected("MAX_JOBS_PER_OWNER")
        reports = rig.turns(rig.queue(source, target), 2)
        assert reports[1].seen.supply.uncertain == 0
        assert "MAX_JOBS_PER_OWNER" in str(reports[1].error)

    def test_a_bug_in_a_submission_leaves_it_uncertain(self, rig):
        _, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target()
        fake.fails["submit"] = ValueError("bug")
        reports = rig.turns(rig.queue(source, target), 2)
        assert reports[0].outcome == Outcome(uncertain=40)
        assert reports[1].seen.supply.uncertain == 40

    def test_while_a_submission_hangs_all_of_it_is_pending(self, rig):
        _, source = rig.source({"work": Demand(ready=40)}, timeout="100ms")
        fake, target = rig.target(timeout="100ms")
        hang = fake.hangs["submit"] = threading.Event()
        queue = rig.queue(source, target)
        first = rig.cycle.run(queue)
        second = rig.cycle.run(queue, first)
        assert first.outcome == Outcome(uncertain=40)
        assert "runs since" in str(second.error)
        hang.set()
        rig.clock.advance(10)
        third = rig.cycle.run(queue, second)
        assert counts([third]) == [0]
        assert len(fake.pilots("q")) == 40

    def test_nothing_is_retired_while_anything_is_uncertain(self, rig):
        _, source = rig.source({"work": Demand()})
        fake, target = rig.target(settle="30s")
        queue = rig.queue(source, target, policies=(Fixed(count=8),))
        report = rig.turns(queue, 2)[-1]
        fake.fails["retire"] = Unavailable("killed")
        queue = replace(queue, policies=(KeepNRunning(count=6),))
        reports = []
        for _ in range(6):
            report = rig.cycle.run(queue, report)
            reports.append(report)
            rig.clock.advance(10)
        assert counts(reports) == [-10, 0, 0, 0, 0, -10]
        assert "uncertain" in str(reports[1].decision.steps[-1].rule)


class TestTheSameDemandIsNotServedTwice:
    def test_pilots_that_began_after_the_demand_was_counted_are_subtracted(self, rig):
        _, source = rig.source({"work": Demand(ready=10)}, max_age="1h")
        fake, target = rig.target()
        queue = rig.queue(source, target, interval=3600)
        first = rig.cycle.run(queue)
        rig.clock.advance(10)
        fake.start("q", 4)
        second = rig.cycle.run(queue, first)
        assert second.seen.started == 4
        assert second.seen.supply.pending == 6
        assert counts([second]) == [0]

    def test_pilots_that_began_and_ended_since_are_subtracted_too(self, rig):
        _, source = rig.source({"work": Demand(ready=10)}, max_age="1h")
        fake, target = rig.target()
        queue = rig.queue(source, target, interval=3600)
        first = rig.cycle.run(queue)
        rig.clock.advance(10)
        fake.start("q", 4)
        rig.clock.advance(5)
        fake.end("q", 4)
        rig.clock.advance(5)
        assert counts([rig.cycle.run(queue, first)]) == [0]

    def test_a_known_lag_of_the_source_makes_its_demand_older(self, rig):
        _, source = rig.source({"work": Demand(ready=10)}, lag="2m")
        fake, target = rig.target()
        queue = rig.queue(source, target)
        report = rig.cycle.run(queue)
        rig.clock.advance(10)
        fake.start("q", 10)
        rig.clock.advance(60)
        report = rig.cycle.run(queue, report)
        assert (report.seen.started, counts([report])) == (10, [0])
        rig.clock.advance(120)
        assert rig.cycle.run(queue, report).seen.started == 0

    def test_siblings_see_each_other(self, rig):
        _, source = rig.source({"work": Demand(ready=30)})
        _, here = rig.target("here")
        _, there = rig.target("there")
        chain = (Ready(), Share())
        one = rig.queue(source, here, name="one", policies=chain, siblings=(("two", 1.0),))
        two = rig.queue(source, there, name="two", policies=chain, siblings=(("one", 1.0),))
        first, second = rig.cycle.run(one), rig.cycle.run(two)
        assert counts([first, second]) == [15, 8]
        assert second.seen.siblings[0].pending == 15


class TestAReportAlwaysComes:
    def test_a_failing_policy_ends_its_cycle_with_a_report(self, rig):
        class Broken(Ready):
            def __call__(self, count, seen, /):
                raise ZeroDivisionError("policy")

        _, source = rig.source({"work": Demand(ready=1)})
        _, target = rig.target()
        [report] = rig.turns(rig.queue(source, target, policies=(Broken(),)), 1)
        assert isinstance(report.error, ZeroDivisionError)
        assert report.seen is not None
        assert report.decision is None

    def test_a_failed_act_keeps_what_was_decided(self, rig):
        _, source = rig.source({"work": Demand(ready=3)})
        fake, target = rig.target()
        fake.fails["submit"] = Rejected("no")
        [report] = rig.turns(rig.queue(source, target), 1)
        assert report.decision.count == 3
        assert report.outcome == Outcome()
        assert isinstance(report.error, Rejected)


@pytest.mark.parametrize(
    ("held_as", "pending", "running", "count"),
    [(HeldAs.PENDING, 5, 2, 5), (HeldAs.RUNNING, 1, 6, 9), (HeldAs.NOTHING, 1, 2, 9)],
)
def test_held_pilots_count_as_the_target_says(rig, held_as, pending, running, count):
    _, source = rig.source({"work": Demand(ready=10)})
    fake, target = rig.target(held_as=held_as)
    fake.answers["q"] = Supply(pending=1, running=2, held=4)
    [report] = rig.turns(rig.queue(source, target), 1)
    assert (report.seen.supply.pending, report.seen.supply.running) == (pending, running)
    assert counts([report]) == [count]


def test_idle_pilots_count_against_ready_work(rig):
    _, source = rig.source({"work": Demand(ready=10)})
    fake, target = rig.target()
    fake.gives = frozenset({Need.IDLE})
    fake.answers["q"] = Supply(running=5, idle=4)
    [report] = rig.turns(rig.queue(source, target), 1)
    assert counts([report]) == [6]


def test_retiring_goes_through_the_target_and_names_the_pilots(rig):
    _, source = rig.source({"work": Demand(ready=8)})
    fake, target = rig.target()
    queue = rig.queue(source, target)
    first, second = rig.turns(queue, 2)
    report = rig.cycle.run(replace(queue, policies=(KeepNRunning(count=5),)), second)
    assert len(report.outcome.retired) == 3
    assert len(fake.pilots("q", "pending")) == 5
    assert report.acted > first.acted


def test_pilots_that_a_target_did_not_take_are_given_back(rig):
    _, source = rig.source({"work": Demand(ready=40)})
    fake, target = rig.target()
    fake.accept = 3
    [report] = rig.turns(rig.queue(source, target), 1)
    assert len(report.outcome.submitted) == 3
    assert rig.fleet.at("site") == 3


def test_pilots_are_counted_once_though_granted_and_read(rig):
    _, source = rig.source({"work": Demand(ready=40)})
    _, target = rig.target()
    rig.turns(rig.queue(source, target), 2, seconds=11)
    assert rig.fleet.at("site") == 40


def test_of_a_failed_cycle_nothing_is_kept_but_its_words(rig):
    wms, source = rig.source()
    wms.fail = Unavailable("down")
    _, target = rig.target()
    reports = rig.turns(rig.queue(source, target, when_unknown=1), 1)
    fake, broken = rig.target("broken")
    fake.fails["submit"] = Unavailable("lost")
    reports += rig.turns(rig.queue(source, broken, when_unknown=1), 2)
    reports += rig.turns(rig.queue(source, target), 1)
    assert len(reports) == 4
    for report in reports:
        link = report.error
        while link is not None:
            assert link.__traceback__ is None
            link = link.__cause__


def test_an_uncertain_submission_counts_at_once_for_everybody(rig):
    _, source = rig.source({"work": Demand(ready=40)})
    fake, target = rig.target()
    fake.fails["submit"] = Unavailable("killed")
    rig.turns(rig.queue(source, target), 1)
    assert rig.fleet.at("site") == 40


class TestShortPilotsWithoutRecords:
    def test_pilots_that_came_and_went_unseen_took_the_work_that_was_counted_before(self, rig):
        _, source = rig.source({"work": Demand(ready=10)}, lag="10m", max_age="1s")
        fake, target = rig.target()
        fake.gives = frozenset()
        queue = rig.queue(source, target)
        report = rig.cycle.run(queue)
        submitted = [report.decision.count]
        for _ in range(5):
            rig.clock.advance(11)
            if fake.pilots("q", "pending"):
                fake.start("q", 10)
                fake.end("q", 10)
            report = rig.cycle.run(queue, report)
            submitted.append(report.decision.count)
        assert submitted == [10, 0, 0, 0, 0, 0]

    def test_siblings_that_began_since_have_taken_work_too(self, rig):
        _, source = rig.source({"work": Demand(ready=30)}, max_age="1h")
        here_fake, here = rig.target("here")
        there_fake, there = rig.target("there")
        chain = (Ready(), Share())
        one = rig.queue(source, here, name="one", policies=chain, siblings=(("two", 1.0),), interval=3600)
        two = rig.queue(source, there, name="two", policies=chain, siblings=(("one", 1.0),), interval=3600)
        reports = {"one": None, "two": None}
        for _ in range(12):
            for queue, fake in ((one, here_fake), (two, there_fake)):
                rig.clock.advance(11)
                reports[queue.name] = rig.cycle.run(queue, reports[queue.name])
                rig.clock.advance(1)
                fake.start(queue.name, len(fake.pilots(queue.name, "pending")))
        assert len(here_fake.pilots("one")) + len(there_fake.pilots("two")) <= 30


class TestShadow:
    def test_it_is_computed_and_cut_and_nobody_acts_on_it(self, rig):
        _, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target()
        rig.guard.limit(Limits(max_pilots=30), {}, fall=0.5, least=10)
        queue = rig.queue(source, target, policies=(Fixed(count=2),), shadow=(Ready(),))
        [report] = rig.turns(queue, 1)
        assert (report.decision.count, len(fake.pilots("q"))) == (2, 2)
        assert [step.result for step in report.shadow.steps] == [40, 30]

    def test_one_that_fails_touches_nothing(self, rig):
        def broken(count, seen, /):
            raise RuntimeError("no such pilot")

        _, source = rig.source({"work": Demand(ready=40)})
        fake, target = rig.target()
        [report] = rig.turns(rig.queue(source, target, shadow=(broken,)), 1)
        assert (report.error, len(fake.pilots("q"))) == (None, 40)
        assert report.shadow.count == 0

    def test_it_is_computed_where_nobody_acts_at_all(self, rig):
        _, source = rig.source({"work": Demand(ready=40)})
        _, target = rig.target()
        report = rig.cycle.run(rig.queue(source, target, shadow=(Fixed(count=7),)), act=False)
        assert (report.shadow.count, report.guard, report.outcome) == (7, None, None)


class TestCredentials:
    def queues(self, rig, *proofs):
        """A queue with this credential, and one without."""
        _, source = rig.source({"work": Demand(ready=4)})
        fake, target = rig.target()
        chosen = [rig.credential(proof, kind) for proof, kind in proofs]
        queue = rig.queue(source, target, credentials=tuple(credential for _, credential in chosen))
        return [one for one, _ in chosen], fake, queue

    def test_pilots_carry_the_valid_ones(self, rig):
        _, fake, queue = self.queues(
            rig,
            (Proof(path=Path("/old"), end=rig.clock.now), CredentialType.X509),
            (Proof(path=Path("/proxy")), CredentialType.X509),
            (Proof(path=Path("/token")), CredentialType.TOKEN),
        )
        [report] = rig.turns(queue, 1)
        [order] = fake.asked("submit")
        assert order.credentials == {
            CredentialType.X509: Path("/proxy"),
            CredentialType.TOKEN: Path("/token"),
        }
        assert report.error is None

    def test_without_a_valid_one_nothing_is_submitted_and_the_next_cycle_tries_again(self, rig):
        [credential], fake, queue = self.queues(
            rig, (Proof(path=Path("/old"), end=rig.clock.now), CredentialType.X509)
        )
        rig.guard.limit(FactoryLimits(max_pilots=4), {}, fall=0.5, least=10)
        [first] = rig.turns(queue, 1)
        other = rig.cycle.run(replace(queue, name="other", credentials=(), work=queue.work))
        assert fake.asked("submit") == [fake.asked("submit")[0]]
        assert "credential robot: /old expired" in str(first.error)
        assert first.outcome == Outcome()
        assert len(other.outcome.submitted) == 4
        fake.retire("other", 4)
        credential.now = Proof(path=Path("/new"))
        rig.clock.advance(3)
        second = rig.cycle.run(queue, first)
        assert second.error is None
        assert second.outcome.uncertain == 0

    def test_nothing_is_proved_where_nothing_is_submitted(self, rig):
        [credential], _, queue = self.queues(rig, (Proof(path=Path("/proxy")), CredentialType.X509))
        credential.fail = Unavailable("gone")
        [report] = rig.turns(replace(queue, policies=(Fixed(count=0),)), 1)
        assert report.error is None
        assert credential.calls == []
