"""Queues that serve the same work know one another, and greedy ones are pointed out."""

import pytest

from assembling import planned, with_head

TWO = "[target.ce02]\nkind = 'local'\n"


def make(text):
    return planned(with_head(TWO + text))


def test_queues_with_the_same_work_are_siblings_with_their_weights():
    queues = make(
        """
        [queue.A]
        [queue.B]
        weight = 2
        [queue.C]
        work.label = "other"
        [queue.D]
        target = "ce02"
        """
    ).queues
    assert queues["A"].siblings == (("B", 2.0), ("D", 1.0))
    assert queues["B"].siblings == (("A", 1.0), ("D", 1.0))
    assert queues["C"].siblings == ()


def test_queues_of_different_sources_are_no_siblings():
    queues = make('[source.more]\nkind = "local"\n[queue.A]\n[queue.B]\nsource = "more"').queues
    assert queues["A"].siblings == ()


def test_queues_without_known_work_are_no_siblings():
    text = (
        '[source.no]\nkind = "null"\n[template.t]\nsource = "no"\npolicies = [{ kind = "fixed", count = 1 }]'
    )
    queues = make(f'{text}\n[queue.A]\nlike = "t"\n[queue.B]\nlike = "t"').queues
    assert queues["A"].siblings == ()


def test_a_failed_queue_is_nobodys_sibling():
    assembly = with_head(TWO + "[queue.A]\n[queue.B]\nweight = 0")
    assert assembly.plan.queues["A"].siblings == ()


READY, SHARE, OFFSET = '{ kind = "ready" }', '{ kind = "share" }', '{ kind = "ready", offset = 2 }'
SCALE, FIXED = '{ kind = "scale", factor = 0.5 }', '{ kind = "fixed", count = 1 }'


@pytest.mark.parametrize(
    ("first", "second", "greedy"),
    [
        (READY, READY, True),
        (READY, f"{READY}, {SHARE}", False),
        (READY, OFFSET, False),
        (READY, f"{READY}, {SCALE}", False),
        (READY, FIXED, False),
        (f"{READY}, {SHARE}", f"{READY}, {SHARE}", False),
        (READY, '{ kind = "fill_activated" }', True),
    ],
)
def test_two_that_each_take_all_the_work_are_pointed_out(first, second, greedy):
    warnings = make(
        f"[queue.A]\ntarget = 'ce02'\npolicies = [{first}]\n[queue.B]\npolicies = [{second}]"
    ).warnings
    sentence = (
        "site.toml: [queue.A]: A, B serve the same work of source 'jobs', and each sends pilots for"
        " all of it; add share, scale or an offset for ready"
    )
    assert [str(warning) for warning in warnings] == ([sentence] if greedy else [])


def test_many_greedy_ones_are_counted():
    warnings = make(
        "\n".join(f"[queue.Q{number}]" for number in range(8)) + "\n[queue.Z]\ntarget = 'ce02'"
    ).warnings
    assert len(warnings) == 1
    assert "Q0, Q1, Q2, Q3, Q4 and 4 more serve the same work" in str(warnings[0])
