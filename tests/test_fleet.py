"""The fleet counts what was last heard and all that was granted since."""

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
    assert fleet.reading("site") == (9, 20)


def test_uncertain_pilots_count_but_are_not_sure():
    fleet = Fleet()
    fleet.saw("site", {"a": Supply(pending=7, uncertain=4)}, begun=10)
    assert fleet.at("site") == 7
    assert fleet.reading("site") == (3, 10)


def test_the_total_spans_all_targets():
    fleet = Fleet()
    fleet.saw("one", {"a": Supply(running=3)}, begun=10)
    fleet.saw("two", {"b": Supply(running=4)}, begun=10)
    fleet.grant("two", "b", 2)
    assert fleet.total() == 9


def test_a_sibling_is_what_is_known_of_it_and_granted_to_it():
    fleet = Fleet()
    assert fleet.sibling("b", 2.0) == Sibling(queue="b", weight=2.0)
    fleet.saw("two", {"b": Supply(pending=1, running=4)}, begun=10)
    fleet.grant("two", "b", 2)
    fleet.grant("two", "other", 7)
    assert fleet.sibling("b", 1.0) == Sibling(queue="b", pending=3, running=4)


def test_a_queue_that_left_a_target_is_forgotten_there():
    fleet = Fleet()
    fleet.saw("one", {"a": Supply(running=3), "b": Supply(running=1)}, begun=10)
    fleet.forget("one", ["a"])
    fleet.forget("never heard of", ["a"])
    assert fleet.at("one") == 1
