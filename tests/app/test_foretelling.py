"""Two configurations, one observation, and nobody acts."""

import pytest

from assembling import HEAD, configure
from autopyfactory.app.alteration import Alteration, Kind
from autopyfactory.app.engine import WrongConfig
from autopyfactory.app.foretelling import Pair, join
from autopyfactory.errors import Rejected
from autopyfactory.model import Demand, Report, Supply
from autopyfactory.testing import FakeSource, FakeTarget

OLD = HEAD + "[queue.A]\n[queue.B]\n"
NEW = HEAD + "[queue.A]\npolicy.max_pending.limit = 4\n[queue.C]\nwork = { label = 'x' }\n"


def pair(before: str = OLD, after: str = NEW) -> tuple[Pair, FakeSource, FakeTarget]:
    """Both plans, with a source and a target in memory where they have the same."""
    made = Pair.make(configure(before), configure(after))
    works = {queue.work for plan in (made.before, made.after) for queue in plan.queues.values()}
    source, target = FakeSource({work: Demand(ready=20) for work in works}), FakeTarget()
    target.fails = {verb: AssertionError("the target was touched") for verb in ("submit", "retire")}
    for name in "ABC":
        target.answers[name] = Supply(pending=1)
    made.before.sources["jobs"].plugin = source
    made.before.targets["ce01"].plugin = target
    return made, source, target


def count(report: Report | None) -> int | None:
    assert report is None or report.decision is not None, report
    return None if report is None else report.decision.count


def test_both_see_the_same_and_the_target_is_only_asked() -> None:
    made, source, target = pair()
    assert made.after.targets["ce01"] is made.before.targets["ce01"]
    cases = {"A": (Kind.CHANGED, 9, 3), "B": (Kind.REMOVED, 9, None), "C": (Kind.ADDED, None, 9)}
    with made.looking() as troubles:
        found = {
            name: made.foretell(Alteration(queue=name, kind=kind)) for name, (kind, _, _) in cases.items()
        }
    assert troubles == {}
    for name, (_, before, after) in cases.items():
        assert (count(found[name].before), count(found[name].after)) == (before, after)
    both = found["A"]
    assert both.before
    assert both.after
    assert both.before.seen
    assert both.after.seen
    assert both.before.seen.supply is both.after.seen.supply
    assert both.before.seen.demand is both.after.seen.demand
    assert {verb for verb, _ in target.calls} == {"supply"}
    assert len(source.calls) <= 2
    assert (source.closed, target.closed) == (1, 1)


def test_even_a_cycle_that_acts_by_mistake_does_not_reach_the_target() -> None:
    made, _, target = pair()
    with made.looking():
        from autopyfactory.model import Order

        queue = made.after.queues["A"]
        with pytest.raises(Rejected, match="only looks"):
            queue.target.plugin.submit(Order(queue="A", pilot=queue.pilot, count=1, tag="t"))
    assert target.asked("submit") == []


def test_what_is_wrong_with_a_section_is_told_and_gives_no_number() -> None:
    made, _, target = pair()
    target.fails["supply"] = RuntimeError("no pool")
    with made.looking() as troubles:
        found = made.foretell(Alteration(queue="A", kind=Kind.CHANGED))
    assert list(troubles) == ["target ce01"]
    assert found.before
    assert found.before.decision is None
    assert found.before.error is not None


def test_a_wrong_new_configuration_is_refused_and_a_wrong_old_queue_only_told() -> None:
    wrong = HEAD + "[queue.A]\ninterval = 'soon'\n"
    with pytest.raises(WrongConfig, match="interval"):
        Pair.make(configure(OLD), configure(wrong))
    with pytest.raises(WrongConfig, match="factory"):
        Pair.make(configure("[queue.A]\n"), configure(NEW))
    made = Pair.make(configure(wrong), configure(NEW))
    assert ["interval" in str(problem) for problem in made.problems] == [True]
    assert "A" not in made.before.queues


def test_troubles_of_both_are_joined_each_sentence_once() -> None:
    assert join({"a": ["x", "y"]}, {"b": ["z"], "a": ["y"]}) == {"a": ["x", "y"], "b": ["z"]}
