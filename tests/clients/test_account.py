"""Accounts are those of this machine, and only root gives files away."""

import os
import pwd

import pytest

from autopyfactory.clients.account import find_account

OURS = pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize("name", ["", OURS])
def test_our_own_account_is_right(name: str) -> None:
    assert find_account(name) == name


def test_an_account_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="there is no account 'nobody-at-all' on this machine"):
        find_account("nobody-at-all")


def test_only_root_gives_files_away(monkeypatch: pytest.MonkeyPatch) -> None:
    other = next(entry.pw_name for entry in pwd.getpwall() if entry.pw_uid not in (0, 12345))
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(ValueError, match=f"only root can give files to '{other}'"):
        find_account(other)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert find_account(other) == other
