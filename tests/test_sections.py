"""Sections give queues complete readings and end without keeping anybody waiting."""

import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Demand, Order, Supply
from autopyfactory.sections import Supplies
from autopyfactory.testing import FakePilot, FakeWork, until
from rig import Rig

ALWAYS = float("-inf")


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


def order(count: int, tag: str = "t1") -> Order[FakePilot]:
    return Order(queue="q", pilot=FakePilot(), count=count, tag=tag)


def test_a_demand_is_stamped_with_the_beginning_of_its_query_less_the_lag(rig):
    _, source = rig.source({"work": Demand(ready=1)}, lag="90s")
    assert source.read(FakeWork(), max_age=60).as_of == 1000.0 - 90.0


def test_a_source_that_knows_better_keeps_its_own_stamp(rig):
    _, source = rig.source({"work": Demand(ready=1, as_of=700.0)}, lag="90s")
    assert source.read(FakeWork(), max_age=60).as_of == 700.0


def test_a_supply_is_stamped_unless_the_target_knows_better(rig):
    fake, target = rig.target()
    assert target.read("q", newer_than=ALWAYS, max_age=60).as_of == 1000.0
    fake.answers["q"] = Supply(as_of=990.0)
    rig.clock.advance(100)
    assert target.read("q", newer_than=ALWAYS, max_age=60).as_of == 990.0


def test_all_watched_queues_are_asked_for_in_one_query(rig):
    fake, target = rig.target()
    target.watch(["a", "b", "c"])
    target.read("a", newer_than=ALWAYS, max_age=60)
    assert [set(asked) for asked in fake.asked("supply")] == [{"a", "b", "c"}]
    assert rig.fleet.belief("site").as_of == 1000.0


def test_all_watched_work_is_asked_for_in_one_query(rig):
    wms, source = rig.source({"a": Demand(ready=1), "b": Demand(ready=2)})
    source.watch({FakeWork(name="a"), FakeWork(name="b")})
    assert source.read(FakeWork(name="b"), max_age=60).ready == 2
    assert source.read(FakeWork(name="a"), max_age=60).ready == 1
    assert len(wms.calls) == 1


def test_an_answered_act_is_struck_out(rig):
    _, target = rig.target()
    assert len(target.submit(order(3))) == 3
    assert rig.ledger.tags("site") == []
    assert len(target.retire("t2", "q", 2)) == 2
    assert rig.ledger.tags("site") == []


@pytest.mark.parametrize(
    ("error", "tags"),
    [
        (Rejected("no"), []),
        (Unavailable("no", untouched=True), []),
        (Unavailable("lost"), ["t1"]),
        (KeyError("bug"), ["t1"]),
    ],
)
def test_only_an_act_without_a_sure_answer_stays_in_the_ledger(rig, error, tags):
    fake, target = rig.target()
    fake.fails["submit"] = error
    with pytest.raises(type(error)):
        target.submit(order(3))
    assert rig.ledger.tags("site") == tags


def test_an_act_on_a_closed_section_is_untouched(rig):
    _, target = rig.target()
    target.close(0)
    with pytest.raises(Unavailable) as caught:
        target.submit(order(3))
    assert caught.value.untouched
    assert rig.ledger.tags("site") == []


def test_closing_lets_the_act_under_way_end_and_then_the_plug_in_go(rig):
    fake, target = rig.target()
    hang = fake.hangs["submit"] = threading.Event()
    outcome: list[object] = []
    thread = threading.Thread(target=lambda: outcome.append(target.submit(order(3))))
    thread.start()
    assert fake.entered.wait(5)
    target.close(patience=30)
    target.close(patience=30)
    assert fake.closed == 0
    hang.set()
    assert target.join(5)
    thread.join(5)
    assert len(outcome[0]) == 3
    assert fake.closed == 1


def test_closing_gives_up_an_act_that_hangs_and_remembers_it(rig):
    fake, target = rig.target(timeout="1h")
    hang = fake.hangs["submit"] = threading.Event()
    outcome: list[Exception] = []

    def submit() -> None:
        try:
            target.submit(order(3))
        except Unavailable as error:
            outcome.append(error)

    thread = threading.Thread(target=submit)
    thread.start()
    assert fake.entered.wait(5)
    began = time.monotonic()
    target.close(patience=0.05)
    thread.join(5)
    assert time.monotonic() - began < 5
    assert "did not end" in str(outcome[0])
    assert rig.ledger.tags("site") == ["t1"]
    hang.set()


def test_a_plug_in_without_an_end_needs_none(rig):
    _, source = rig.source()
    source.plugin = object()
    source.close(0)
    assert source.join(5)


def test_a_section_that_was_never_closed_has_nothing_to_wait_for(rig):
    _, source = rig.source()
    assert source.join(0)


def test_tags_are_asked_for_before_the_pilots_are_counted(rig):
    fake, target = rig.target()
    fake.lose_answer = True
    with pytest.raises(Unavailable):
        target.submit(order(3))
    fake.calls.clear()
    target.read("q", newer_than=ALWAYS, max_age=60)
    assert [verb for verb, _ in fake.calls] == ["tagged", "supply"]


def test_an_act_is_written_down_by_who_acts_and_struck_out_by_a_late_answer(rig):
    fake, target = rig.target(timeout="50ms")
    hang = fake.hangs["submit"] = threading.Event()
    with pytest.raises(Unavailable, match="did not end"):
        target.submit(order(3))
    assert rig.ledger.tags("site") == ["t1"]
    hang.set()
    deadline = time.monotonic() + 5
    while rig.ledger.open() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert rig.ledger.open() == []


def waiting(target: Supplies, calls: int) -> bool:
    """Whether so many wait in line at the target's worker."""
    return target._shared._worker._calls.qsize() == calls


def test_submissions_that_wait_in_a_row_are_handed_over_together(rig):
    fake, target = rig.target()
    rows: list[list[str]] = []

    def submit_each(orders: Iterator[Order[FakePilot]]) -> Iterator[Sequence[str]]:
        rows.append([])
        for order in orders:
            rows[-1].append(order.tag)
            assert order.tag in {entry.tag for entry in rig.ledger.open()}
            yield fake.submit(order)

    fake.submit_each = submit_each
    hang = fake.hangs["retire"] = threading.Event()
    answers: dict[str, object] = {}

    def submit(tag: str) -> None:
        answers[tag] = target.submit(order(2, tag))

    first = threading.Thread(target=target.retire, args=("t0", "q", 1))
    first.start()
    assert fake.entered.wait(5)
    threads = [threading.Thread(target=submit, args=(tag,)) for tag in ("t1", "t2", "t3")]
    for thread in threads:
        thread.start()
        assert until(partial(waiting, target, threads.index(thread) + 1), 5)
    hang.set()
    for thread in [first, *threads]:
        thread.join(5)
    assert rows == [["t1", "t2", "t3"]]
    assert {tag: len(answer) for tag, answer in answers.items()} == {"t1": 2, "t2": 2, "t3": 2}
    assert rig.ledger.open() == []


def test_a_disk_that_hangs_keeps_nobody_at_another_target(rig, monkeypatch):
    hang = threading.Event()

    def begin(entry) -> None:
        assert entry.target == "slow"
        hang.wait(30)

    monkeypatch.setattr(rig.ledger, "begin", begin)
    _, slow = rig.target("slow")
    _, other = rig.target("other")
    thread = threading.Thread(target=lambda: slow.submit(order(1)))
    thread.start()
    assert other.read("q", newer_than=ALWAYS, max_age=60).pilots == 0
    hang.set()
    thread.join(5)


def test_an_answer_that_is_no_list_leaves_its_pilots_uncertain(rig, monkeypatch):
    fake, target = rig.target()
    monkeypatch.setattr(fake, "submit", lambda order: None)
    with pytest.raises(TypeError):
        target.submit(order(3))
    assert rig.ledger.tags("site") == ["t1"]


@pytest.mark.parametrize("count", [-1, None, 2.5, True, 10**10])
def test_what_is_no_count_makes_only_its_own_queue_unknown(rig, count):
    fake, target = rig.target()
    fake.answers["bad"] = Supply(pending=count)
    target.watch(["bad", "good"])
    with pytest.raises(Unavailable, match=f"pending = {count!r} is no count"):
        target.read("bad", newer_than=ALWAYS, max_age=60)
    assert target.read("good", newer_than=ALWAYS, max_age=60).pilots == 0
    _, source = rig.source({"bad": Demand(ready=count), "good": Demand()})
    source.watch([FakeWork(name="bad"), FakeWork(name="good")])
    with pytest.raises(Unavailable, match="is no count"):
        source.read(FakeWork(name="bad"), max_age=60)
    assert source.read(FakeWork(name="good"), max_age=60).ready == 0


def test_an_honest_but_old_picture_is_refused_after_an_act(rig):
    fake, target = rig.target()
    fake.answers["q"] = Supply(as_of=990.0)
    with pytest.raises(Unavailable, match="older than the last act of q"):
        target.read("q", newer_than=995.0, max_age=60)


def test_a_queue_that_left_is_counted_until_its_last_pilot_is_gone(rig):
    fake, target = rig.target()
    target.watch(["q"])
    target.submit(order(2))
    target.read("q", newer_than=ALWAYS, max_age=60)
    target.watch(["new"])
    rig.clock.advance(100)
    target.read("new", newer_than=ALWAYS, max_age=60)
    assert rig.fleet.at("site") == 2
    fake.start("q", 2)
    fake.end("q", 2)
    for _ in range(2):
        rig.clock.advance(100)
        target.read("new", newer_than=ALWAYS, max_age=60)
    assert (rig.fleet.at("site"), rig.fleet.inhabited("site")) == (0, set())
    rig.clock.advance(100)
    target.read("new", newer_than=ALWAYS, max_age=60)
    assert fake.asked("supply")[-1] == ("new",)


def test_without_a_thread_to_close_in_a_section_closes_at_once(rig, monkeypatch):
    fake, target = rig.target()

    def refuse(self) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    target.close(30)
    assert fake.closed == 1
    assert target.join(0)


def test_who_is_in_a_hurry_lets_a_plug_in_go_while_its_act_hangs(rig):
    fake, target = rig.target(timeout="1h")
    hang = fake.hangs["submit"] = threading.Event()
    errors: list[Exception] = []

    def submit() -> None:
        try:
            target.submit(order(3))
        except Unavailable as error:
            errors.append(error)

    thread = threading.Thread(target=submit)
    thread.start()
    assert fake.entered.wait(5)
    target.close(patience=60)
    target.hurry()
    thread.join(5)
    assert (fake.closed, len(errors)) == (1, 1)
    hang.set()
    assert target.join(5)
    assert fake.closed == 1
