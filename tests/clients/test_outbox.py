"""What waits in an outbox is sent in order, or given up and counted."""

from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.outbox import Outbox


def test_items_leave_in_the_order_in_which_they_came() -> None:
    box: Outbox[str] = Outbox(keep=60, room=10)
    box.put("abc", now=0)
    assert (box.first(2), len(box)) == (["a", "b"], 3)
    box.sent(2)
    assert (box.first(2), box.lost) == (["c"], 0)


def test_what_is_too_old_is_given_up_and_the_rest_stays() -> None:
    box: Outbox[str] = Outbox(keep=60, room=10)
    box.put("ab", now=0)
    box.put("c", now=30)
    box.expire(60)
    assert box.first(9) == ["a", "b", "c"]
    box.expire(61)
    assert (box.first(9), box.lost) == (["c"], 2)


def test_where_there_is_no_room_the_oldest_go() -> None:
    box: Outbox[int] = Outbox(keep=60, room=3)
    box.put(range(5), now=0)
    assert (box.first(9), box.lost) == ([2, 3, 4], 2)


STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "sent", "give_up", "expire"]), st.integers(0, 20)), max_size=30
)


@given(STEPS, st.integers(0, 10))
def test_every_item_waits_or_was_sent_or_is_lost(steps: list[tuple[str, int]], room: int) -> None:
    box: Outbox[int] = Outbox(keep=5, room=room)
    put = sent = 0
    for now, (verb, number) in enumerate(steps):
        count = min(number, len(box))
        if verb == "put":
            box.put(range(number), now)
            put += number
        elif verb == "sent":
            box.sent(count)
            sent += count
        elif verb == "give_up":
            box.give_up(count)
        else:
            box.expire(now)
        assert put == len(box) + sent + box.lost
        assert len(box) <= room
