"""A breaker opens after failures in a row, stays open longer each time, and then tries one pilot."""

from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.breaker import Breakers
from autopyfactory.errors import Closed, Rejected, Unavailable, Unproven
from autopyfactory.limits import BreakerOptions
from autopyfactory.view import Scope

DOWN = Unavailable("no answer")
REFUSED = Rejected("no such group")


class Tried:
    """Breakers, a clock, and one queue of one target unless said otherwise."""

    def __init__(self, **options):
        self.breakers, self.now = Breakers(), 0.0
        self.limit(**options)

    def limit(self, **options):
        normal = BreakerOptions(**options)
        self.breakers.limit({(Scope.QUEUE, "q"): normal, (Scope.TARGET, "site"): normal})

    def submit(self, error=None, *, queue="q", times=1):
        for _ in range(times):
            trials = self.breakers.begin(queue, "site")
            self.breakers.end(queue, "site", trials, error, self.now)

    def look(self, queue="q"):
        return {tripped.scope: tripped for tripped in self.breakers.look(queue, "site", self.now)}


def test_ten_failures_in_a_row_open_it():
    tried = Tried()
    tried.submit(DOWN, times=9)
    assert tried.look() == {}
    tried.submit(DOWN)
    tripped = tried.look()[Scope.QUEUE]
    assert (tripped.place, tripped.failures, tripped.wait, tripped.room) == ("q", 10, 60.0, 0)
    assert tried.breakers.all(0.0) == [tripped]


def test_a_success_between_begins_a_new_row():
    tried = Tried()
    tried.submit(DOWN, times=9)
    tried.submit()
    tried.submit(DOWN, times=9)
    assert tried.look() == {}


def test_after_its_time_one_pilot_is_tried_and_nobody_else_meanwhile():
    tried = Tried()
    tried.submit(DOWN, times=10)
    tried.now = 60.0
    assert tried.look()[Scope.QUEUE].room == 1
    trials = tried.breakers.begin("q", "site")
    assert tried.look()[Scope.QUEUE].trying
    assert tried.look()[Scope.QUEUE].room == 0
    tried.breakers.end("q", "site", trials, None, tried.now)
    assert tried.look() == {}
    tried.submit(DOWN, times=9)
    assert tried.look() == {}


def test_each_failed_trial_doubles_the_time_up_to_the_longest():
    tried = Tried()
    tried.submit(DOWN, times=10)
    waits = []
    for _ in range(9):
        waits.append(tried.look()[Scope.QUEUE].wait)
        tried.now += waits[-1]
        tried.submit(DOWN)
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_where_a_credential_is_missing_nothing_was_tried():
    tried = Tried()
    for queue in ("q", "r"):
        tried.submit(Unproven("it expired", untouched=True), queue=queue, times=50)
    assert tried.look() == {}
    tried.submit(DOWN, times=10)
    tried.now = 60.0
    tried.submit(Unproven("it expired", untouched=True))
    assert tried.look()[Scope.QUEUE].room == 1


def test_a_trial_that_a_stop_cut_short_says_nothing():
    tried = Tried()
    tried.submit(DOWN, times=10)
    tried.now = 60.0
    tried.submit(Closed("the factory stops"))
    assert tried.look()[Scope.QUEUE].room == 1


def test_acts_that_began_before_it_opened_do_not_open_it_for_longer():
    tried = Tried()
    tried.submit(DOWN, times=9)
    early = tried.breakers.begin("q", "site")
    tried.submit(DOWN)
    tried.breakers.end("q", "site", early, DOWN, tried.now)
    assert tried.look()[Scope.QUEUE].wait == 60


def test_a_target_opens_only_when_several_queues_fail():
    tried = Tried()
    tried.submit(DOWN, times=30)
    assert Scope.TARGET not in tried.look()
    tried.submit(DOWN, queue="other")
    assert tried.look("a third one") == {Scope.TARGET: tried.look()[Scope.TARGET]}


def test_what_a_target_refuses_is_the_fault_of_the_queue():
    tried = Tried()
    tried.submit(REFUSED, times=10)
    tried.submit(REFUSED, queue="other", times=10)
    assert set(tried.look()) == {Scope.QUEUE}
    assert tried.look("a third one") == {}


def test_a_success_of_one_queue_closes_the_target_for_all():
    tried = Tried()
    tried.submit(DOWN, times=10)
    tried.submit(DOWN, queue="other")
    tried.submit(queue="other")
    assert set(tried.look()) == {Scope.QUEUE}


def test_after_ten_missing_readings_one_pilot_is_tried_first():
    tried = Tried()
    for _ in range(10):
        tried.breakers.miss("q")
    tripped = tried.look()[Scope.QUEUE]
    assert (tripped.failures, tripped.room) == (10, 1)
    tried.submit()
    assert tried.look() == {}


def test_readings_that_come_between_begin_a_new_row():
    tried = Tried()
    for _ in range(3):
        for _ in range(9):
            tried.breakers.miss("q")
        assert tried.look() == {}


def test_one_that_is_switched_off_never_opens():
    tried = Tried(failures="unlimited")
    tried.submit(DOWN, times=100)
    for _ in range(100):
        tried.breakers.miss("q")
    assert tried.look() == {}


def test_it_outlives_a_new_plan():
    tried = Tried()
    tried.submit(DOWN, times=10)
    tried.limit(backoff="5m")
    assert tried.look()[Scope.QUEUE].wait == 60
    tried.limit(failures="unlimited")
    assert tried.look() == {}
    assert tried.breakers.all(0.0) == []


@given(st.lists(st.sampled_from(["fail", "succeed", "wait", "close"]), max_size=200))
def test_it_is_open_for_no_longer_than_the_longest_and_lets_one_through_at_most(events):
    tried = Tried(failures=2, backoff="10s", longest="1m")
    for event in events:
        tripped = tried.look().get(Scope.QUEUE)
        if event == "wait":
            tried.now += 10
        elif tripped is None or tripped.room == 1:
            tried.submit({"fail": DOWN, "succeed": None, "close": Closed("stop")}[event])
        tripped = tried.look().get(Scope.QUEUE)
        assert tripped is None or (tripped.wait <= 60 and tripped.room in (0, 1))
