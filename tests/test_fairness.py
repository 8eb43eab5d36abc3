"""A limited rate is divided fairly: nobody starves, nobody hoards, and little is lost."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopyfactory.budget import Budget
from autopyfactory.fairness import ROUNDING, Ask, Claims
from autopyfactory.options import Limits

GREEDY = 10**6


def serve(rate, queues, minutes, *, phases=None):
    """Pilots for each queue, {name: (interval in s, weight, pilots wanted a turn)}, at so many a minute."""
    budget = Budget("site", Limits(per_minute=rate), 0.0)
    phases = phases or {}
    turns = sorted(
        (phases.get(name, 0.0) + interval * number, order, name)
        for order, (name, (interval, _, _)) in enumerate(queues.items())
        for number in range(int(minutes * 60 // interval))
    )
    served = Counter()
    for now, _, name in turns:
        interval, weight, wanted = queues[name]
        account = budget.look(name, 0, now)
        taken = min(wanted, account.fair)
        budget.serve(Ask(name, wanted, weight, interval), taken, now)
        budget.spend(taken, 0, now)
        served[name] += taken
    return served


def claim(claims, queue, taken, asked, *, weight=1.0, now=0.0, interval=10.0):
    """A queue took some of the tokens it asked for, and none are left."""
    claims.serve(Ask(queue, asked, weight, interval), taken, 0.0, now)


def test_without_claims_everybody_may_take_all():
    assert Claims(60.0).part("q", 7.9, now=0.0) == (7, 0)


def test_who_was_cut_short_is_left_what_he_will_be_owed():
    claims = Claims(60.0)
    claim(claims, "hungry", 0, 100)
    claims.gain(10.0)
    assert claims.part("greedy", 10.0, now=10.0) == (0, 1)
    assert claims.part("hungry", 10.0, now=10.0) == (10, 0)


def test_nothing_is_left_for_who_asks_when_the_bucket_is_full_again():
    claims = Claims(60.0)
    claim(claims, "seldom", 0, 100, interval=360.0)
    claims.gain(10.0)
    assert claims.part("greedy", 10.0, now=10.0) == (10, 1)


def test_no_more_is_left_than_is_wanted():
    claims = Claims(60.0)
    claim(claims, "modest", 0, 3)
    claims.gain(10.0)
    assert claims.part("greedy", 10.0, now=10.0) == (7, 1)


def test_two_that_ask_at_once_are_owed_by_weight():
    claims = Claims(60.0)
    claim(claims, "light", 0, 100)
    claim(claims, "heavy", 0, 100, weight=3.0)
    claims.gain(40.0)
    assert claims.part("light", 40.0, now=10.0) == (10, 1)
    assert claims.part("heavy", 40.0, now=10.0) == (30, 1)


def test_a_single_pilot_goes_to_who_was_served_longest_ago():
    claims = Claims(60.0)
    for name in ("first", "second", "third"):
        claim(claims, name, 0, 100)
    claims.gain(1.2)
    assert claims.part("third", 1.2, now=10.0) == (0, 2)
    assert claims.part("second", 1.2, now=10.0) == (0, 2)
    assert claims.part("first", 1.2, now=10.0) == (1, 2)
    claim(claims, "first", 1, 100, now=10.0)
    claims.gain(1.2)
    assert claims.part("first", 1.4, now=20.0) == (0, 2)
    assert claims.part("second", 1.4, now=20.0) == (1, 2)


def test_a_claim_that_is_not_renewed_is_void():
    claims = Claims(60.0)
    claim(claims, "gone", 0, 100)
    claims.gain(60.0)
    assert claims.part("q", 60.0, now=25.0) == (0, 1)
    assert claims.part("q", 60.0, now=25.1) == (60, 0)


def test_who_is_served_while_nobody_lacks_anything_has_no_claim():
    claims = Claims(60.0)
    claim(claims, "q", 0, 5)
    claim(claims, "q", 5, 5)
    claims.gain(60.0)
    assert claims.part("other", 60.0, now=10.0) == (60, 0)


def test_who_is_served_while_others_lack_tokens_keeps_a_claim():
    claims = Claims(60.0)
    claim(claims, "greedy", 0, 100)
    claim(claims, "modest", 5, 5)
    claims.gain(20.0)
    assert claims.part("greedy", 20.0, now=10.0) == (15, 1)


def test_who_asks_for_nothing_loses_its_claim():
    claims = Claims(60.0)
    claim(claims, "q", 0, 5)
    claim(claims, "q", 0, 0)
    assert claims.part("other", 60.0, now=10.0) == (60, 0)


def test_a_claim_of_no_weight_grows_all_the_same():
    claims = Claims(60.0)
    claim(claims, "q", 0, 5, weight=0.0)
    claims.gain(60.0)
    assert claims.part("q", 60.0, now=10.0) == (60, 0)


def by_definition(claims, queue, tokens, now):
    """The part of a queue as `designs/0014` says it, from all claims, one by one."""
    held = {name: claim for name, claim in claims._claims.items() if claim.until >= now}
    others = {name: claim for name, claim in held.items() if name != queue}
    if not others:
        return int(tokens + ROUNDING)
    weight = sum(claim.weight for claim in held.values())
    rate = claims.most / 60

    def owed(claim):
        return min(claims.most, claim.owed + claim.weight * (claims._level - claim.level))

    soon = sorted(
        (max(0.0, claim.next - now), name) for name, claim in others.items() if claim.next - now < 60.0
    )
    own = held.get(queue)

    def need(wait, name):
        claim = others[name]
        return max(0.0, min(claim.want, owed(claim) + rate / weight * claim.weight * wait))

    leave = lack = older = 0.0
    for number, (wait, _) in enumerate(soon, start=1):
        needs = sum(need(*one) for one in soon[:number])
        leave = max(leave, min(claims.most, needs) - rate * wait)
        if needs - rate * wait > lack:
            lack = needs - rate * wait
            before = [one for one in soon[:number] if own and others[one[1]].turn < own.turn]
            older = max(older, len(before), sum(need(*one) for one in before) - rate * wait)
    part = tokens - leave
    if own and leave > 0 and owed(own) > 0:
        due = min(owed(own), tokens * owed(own) / (owed(own) + lack))
        part = max(part, due, 1.0 if due < 1 and tokens - older >= 1 else 0.0)
    return max(0, int(min(part, tokens) + ROUNDING))


@settings(max_examples=200, deadline=None)
@given(
    most=st.sampled_from([1.0, 7.0, 60.0, 600.0]),
    asks=st.lists(
        st.tuples(
            st.sampled_from("abcdefgh"),
            st.integers(0, 40),  # pilots
            st.sampled_from([0.0, 0.5, 1.0, 3.0]),  # weight
            st.sampled_from([5.0, 30.0, 60.0, 360.0]),  # interval
            st.sampled_from([0.0, 0.7, 5.0, 31.0, 200.0]),  # seconds since the ask before
            st.floats(0, 1),  # of what is left of the bucket
        ),
        max_size=40,
    ),
)
def test_a_part_is_what_the_definition_says(most, asks):
    claims, now = Claims(most), 0.0
    for queue, pilots, weight, interval, pause, share in asks:
        now += pause
        claims.gain(most * pause / 60)
        tokens = share * most
        part, _ = claims.part(queue, tokens, now)
        assert part == by_definition(claims, queue, tokens, now)
        taken = min(part, pilots)
        claims.serve(Ask(queue, pilots, weight, interval), taken, tokens - taken, now)


class Counted(Claims):
    """Counts how many claims are looked at."""

    looks = 0

    def _soon(self, queue, now):
        for entry in super()._soon(queue, now):
            self.looks += 1
            yield entry


def looks(tokens, interval, number=1000):
    """How many of so many claims, at even phases, one looks at with these tokens, and what he may take."""
    counted = Counted(60.0)
    for place in range(number):
        claim(counted, f"q{place:03}", 0, 10, now=interval * place / number, interval=interval)
    counted.gain(30.0)
    part, _ = counted.part("q000", tokens, interval)
    return part, counted.looks


@pytest.mark.parametrize(
    ("tokens", "interval", "part", "most"),
    [
        (0.9, 60.0, 0, 0),  # without a whole token there is nothing to divide
        (0.9, 360.0, 0, 0),
        (40.0, 360.0, 40, 167),  # of the next minute only
        (3.0, 360.0, 3, 167),
    ],
)
def test_who_asks_looks_at_no_more_claims_than_he_must(tokens, interval, part, most):
    found = looks(tokens, interval)
    assert found[0] == part
    assert found[1] <= most


def test_who_can_be_left_nothing_looks_no_further():
    counted = Counted(60.0)
    for place in range(1000):
        claim(counted, f"q{place:03}", 0, 10, now=place * 0.06, interval=60.0)
    counted.gain(60.0)
    assert counted.part("stranger", 5.0, 60.0) == (0, 1000)
    assert counted.looks < 500


@pytest.mark.parametrize(
    ("rate", "queues", "minutes", "phases", "expected"),
    [
        pytest.param(
            60,
            {"a": (60, 1.0, GREEDY), "b": (60, 1.0, GREEDY)},
            600,
            {"b": 1.0},
            {"a": 30, "b": 30},
            id="two that ask one second apart get the same",
        ),
        pytest.param(
            60,
            {"a": (60, 1.0, GREEDY), "b": (60, 3.0, GREEDY)},
            600,
            {"b": 1.0},
            {"a": 15, "b": 45},
            id="parts follow the weights",
        ),
        pytest.param(
            60,
            {"a": (10, 1.0, GREEDY), "b": (60, 1.0, GREEDY)},
            600,
            {},
            {"a": 30, "b": 30},
            id="who asks oftener gets no more",
        ),
        pytest.param(
            60,
            {"a": (60, 1.0, GREEDY), "b": (60, 1.0, 5)},
            600,
            {"b": 1.0},
            {"a": 55, "b": 5},
            id="a modest queue gets all it wants, and the rest is used",
        ),
        pytest.param(
            60,
            {f"q{number:02}": (360, 1.0, GREEDY) for number in range(30)},
            3600,
            {f"q{number:02}": 12.0 * number for number in range(30)},
            {f"q{number:02}": 2 for number in range(30)},
            id="thirty at even phases share all of it",
        ),
    ],
)
def test_a_rate_is_divided_as_one_would(rate, queues, minutes, phases, expected):
    served = serve(rate, queues, minutes, phases=phases)
    for name, per_minute in expected.items():
        assert served[name] / minutes == pytest.approx(per_minute, rel=0.1), served


def test_many_that_ask_at_once_get_a_full_bucket_in_turn():
    queues = {f"q{number:03}": (360, 1.0, GREEDY) for number in range(100)}
    phases = {name: number * 0.001 for number, name in enumerate(queues)}
    served = serve(60, queues, 6 * 200, phases=phases)
    assert sum(served.values()) >= 0.9 * 60 * 199
    assert min(served.values()) >= 0.5 * 60 * 199 / 100


@settings(max_examples=25, deadline=None)
@given(
    rate=st.integers(1, 120),
    intervals=st.lists(st.sampled_from([10, 60, 300]), min_size=2, max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_nobody_who_goes_on_asking_starves(rate, intervals, order):
    queues = {f"q{number}": (interval, 1.0, GREEDY) for number, interval in enumerate(intervals)}
    phases = {name: order.random() * queues[name][0] for name in queues}
    hours = 2
    served = serve(rate, queues, hours * 60, phases=phases)
    bucket = min(rate * hours * 60 / len(queues), rate * hours * 3600 / 300)
    assert min(served.values()) >= bucket // 10, served
    assert sum(served.values()) <= rate * hours * 60 + rate
