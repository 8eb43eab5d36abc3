"""A lock shows that its holder lives."""

import os
from pathlib import Path

from autopyfactory.clients import locks


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    name = str(tmp_path / "lock")
    first = locks.open_locked(name)
    assert first is not None
    assert locks.open_locked(name) is None
    os.close(first)
    again = locks.open_locked(name)
    assert again is not None
    os.close(again)


def test_a_lock_is_held_until_the_last_who_inherited_it_is_gone(tmp_path: Path) -> None:
    name = str(tmp_path / "lock")
    first = locks.open_locked(name)
    assert first is not None
    heir = os.dup(first)
    os.close(first)
    assert locks.is_held_at(name)
    os.close(heir)
    assert not locks.is_held_at(name)


def test_who_asks_does_not_hold(tmp_path: Path) -> None:
    name = str(tmp_path / "lock")
    asker = os.open(name, os.O_CREAT | os.O_RDWR)
    assert not locks.is_held(asker)
    assert not locks.is_held_at(name)
    os.close(asker)


def test_a_file_that_is_not_there_is_held_by_nobody(tmp_path: Path) -> None:
    assert not locks.is_held_at(str(tmp_path / "lock"))
