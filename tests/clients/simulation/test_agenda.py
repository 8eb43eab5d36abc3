"""What is on the agenda happens in order, and once."""

from autopyfactory.clients.simulation.agenda import Agenda


def test_events_happen_in_order_of_time_and_then_of_their_note() -> None:
    agenda, seen = Agenda(), list[str]()
    for moment, name in ((2.0, "b"), (1.0, "a"), (2.0, "c"), (9.0, "late")):
        agenda.at(moment, lambda name=name: seen.append(name))  # type: ignore[misc]
    agenda.advance(5.0)
    agenda.advance(5.0)
    assert seen == ["a", "b", "c"]
    assert agenda.now == 5.0


def test_an_event_sees_its_own_time_and_may_note_others() -> None:
    agenda, seen = Agenda(), list[float]()
    agenda.at(1.0, lambda: agenda.at(agenda.now + 1.0, lambda: seen.append(agenda.now)))
    agenda.advance(10.0)
    assert seen == [2.0]


def test_what_should_have_been_long_ago_happens_next_and_time_never_goes_back() -> None:
    agenda, seen = Agenda(), list[float]()
    agenda.advance(10.0)
    agenda.at(3.0, lambda: seen.append(agenda.now))
    agenda.advance(4.0)
    assert (seen, agenda.now) == ([], 10.0)
    agenda.advance(10.0)
    assert seen == [10.0]
