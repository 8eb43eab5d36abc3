"""So many cores are busy at once, and who needs many is not overtaken for ever."""

from pathlib import Path

import pytest

from autopyfactory.clients.workstation.slots import Slots


@pytest.mark.parametrize(("total", "wanted", "fit"), [(1, 1, 1), (4, 1, 4), (4, 2, 2), (5, 2, 2), (4, 4, 1)])
def test_as_many_fit_as_there_are_slots(tmp_path: Path, total: int, wanted: int, fit: int) -> None:
    line = [Slots(str(tmp_path), total, wanted) for _ in range(fit + 2)]
    assert [slots.take() for slots in line] == [True] * fit + [False] * 2
    line[0].close()
    assert line[-2].take()
    for slots in line:
        slots.close()


def test_the_head_of_the_line_keeps_what_it_got_until_it_has_all(tmp_path: Path) -> None:
    small = [Slots(str(tmp_path), 2, 1) for _ in range(3)]
    big = Slots(str(tmp_path), 2, 2)
    assert small[0].take()
    assert small[1].take()
    assert not big.take()
    small[0].close()
    assert not big.take()
    assert not small[2].take()
    small[1].close()
    assert big.take()
    assert not small[2].take()
    big.close()
    assert small[2].take()
    small[2].close()


def test_who_gives_up_leaves_the_line(tmp_path: Path) -> None:
    first, second, third = (Slots(str(tmp_path), 1, 1) for _ in range(3))
    assert first.take()
    assert not second.take()
    second.close()
    first.close()
    assert third.take()
    third.close()


def test_it_says_what_is_waited_for(tmp_path: Path) -> None:
    assert str(Slots(str(tmp_path), 8, 2)) == "2 of 8 slots"
