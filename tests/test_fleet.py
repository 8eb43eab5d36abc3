"""The fleet counts what was last heard and all that was granted since."""

from math import inf

import pytest

from autopyfactory.fleet import Fleet
from autopyfactory.model import Sibling, Supply


def test_an_unheard_target_counts_what_was_granted():
    fleet = Fleet()
    fleet.grant("site", "q", 5)
    assert (fleet.at("site"), fleet.at("elsewhere"), fleet.total()) == (5, 0, 5)


def test_a_grant_counts_until_a_reading_begun_after_its_act_ended():
    fleet = Fleet()
    fleet.saw("site", {"q": Supply(pending=3)}, begun=10)
    grant = fleet.grant("site", "q", 5)
    fleet.saw("site", {"q": Supply(pending=3)}, begun=11)
    assert fleet.at("site") == 8
    grant.ended = 12.0
    fleet.saw("site", {"q": Supply(pending=3)}, begun=11.5)
    assert fleet.at("site") == 8
    fleet.saw("site", {"q": Supply(pending=8)}, begun=12.5)
    assert fleet.at("site") == 8


def test_a_queue_missing_from_a_reading_counts_as_last_known():
    fleet = Fleet()
    fleet.saw("site", {"a": Supply(running=3), "b": Supply(pending=4)}, begun=10)
    fleet.saw("site", {"a": Supply(running=5)}, begun=20)
    assert fleet.at("site") == 9
    assert fleet.belief("site").level == 9


def test_uncertain_pilots_count_but_are_not_sure():
    fleet = Fleet()
    fleet.saw("site", {"a": Supply(pending=7, uncertain=4)}, begun=10)
    assert fleet.at("site") == 7
    assert fleet.belief("site").level == 3


def test_the_total_spans_all_targets():
    fleet = Fleet()
    fleet.saw("one", {"a": Supply(running=3)}, begun=10)
    fleet.saw("two", {"b": Supply(running=4)}, begun=10)
    fleet.grant("two", "b", 2)
    assert fleet.total() == 9


def test_a_reading_that_lacks_a_queue_keeps_what_was_granted_to_it():
    fleet = Fleet()
    fleet.grant("site", "b", 5).ended = 5.0
    fleet.saw("site", {"a": Supply()}, begun=10)
    assert fleet.at("site") == 5
    fleet.saw("site", {"b": Supply(pending=5)}, begun=11)
    assert fleet.at("site") == 5


def test_a_sudden_fall_frees_no_room_until_a_second_reading_agrees():
    fleet = Fleet()
    fleet.saw("one", {"a": Supply(running=100)}, begun=10)
    fleet.saw("one", {"a": Supply()}, begun=20)
    assert (fleet.at("one"), fleet.total()) == (100, 100)
    fleet.saw("one", {"a": Supply()}, begun=30)
    assert (fleet.at("one"), fleet.total()) == (0, 0)


def test_a_sibling_is_what_is_known_of_it_at_all_targets_and_granted_to_it():
    fleet = Fleet()
    assert fleet.sibling("b", 2.0, 0.0) == Sibling(queue="b", weight=2.0)
    fleet.saw("one", {"b": Supply(pending=1)}, begun=10)
    fleet.saw("two", {"b": Supply(pending=1, running=4, idle=1, starts=(4.0, 6.0))}, begun=10)
    fleet.grant("two", "b", 2)
    fleet.grant("two", "other", 7)
    assert fleet.sibling("b", 1.0, 5.0) == Sibling(queue="b", pending=4, running=4, taking=2)
    assert fleet.sibling("b", 1.0, inf) == Sibling(queue="b", pending=4, running=4, taking=1)


def test_queues_that_left_are_known_as_long_as_they_have_pilots():
    fleet = Fleet()
    assert fleet.inhabited("one") == set()
    fleet.saw("one", {"a": Supply(running=3), "b": Supply(), "c": Supply(pending=1)}, begun=10)
    fleet.grant("one", "d", 2)
    assert fleet.inhabited("one") == {"a", "c", "d"}
    fleet.forget("one", ["a"])
    fleet.forget("never heard of", ["a"])
    assert fleet.inhabited("one") == {"c", "d"}
    fleet.drop("one")
    assert (fleet.at("one"), fleet.belief("one")) == (0, None)


@pytest.mark.parametrize(
    ("pending", "starts", "moment", "began"),
    [
        (10, (), 5.0, 0),
        (4, (), 5.0, 6),
        (4, (8.0,) * 7, 5.0, 7),
        (0, (), 25.0, 0),
        (0, (), inf, 0),
        (30, (), 5.0, 0),
    ],
)
def test_what_was_submitted_and_no_longer_waits_has_begun(pending, starts, moment, began):
    fleet = Fleet()
    fleet.settle(fleet.grant("one", "q", 12), used=10, now=20.0)
    fleet.settle(fleet.grant("one", "q", 12), used=0, now=21.0)
    assert fleet.began_since("q", Supply(pending=pending, starts=starts), moment) == began
