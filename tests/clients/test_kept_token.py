"""A token is kept with what is known of it, and is read again only when it changed."""

import math
from datetime import timedelta
from pathlib import Path

import pytest

from autopyfactory.clients import kept as kept_file
from autopyfactory.clients import kept_token
from autopyfactory.clients.kept_token import AHEAD, KeptToken
from autopyfactory.errors import Unavailable


def make(folder: Path, **request: str) -> KeptToken:
    return KeptToken(folder / "token", folder / "token.json", request)


def keep(kept: KeptToken, token: str = "token", end: float = 2.0) -> None:
    kept.keep(token, subject="robot", begin=1.0, end=end)


@pytest.mark.parametrize("end", [2.0, math.inf])
def test_what_is_known_of_it_outlives_the_process(tmp_path: Path, end: float) -> None:
    keep(make(tmp_path), end=end)
    record = make(tmp_path).read()
    assert (record.subject, record.begin, record.end) == ("robot", 1.0, end)
    assert (tmp_path / "token").read_bytes() == b"token"
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_it_is_read_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, reads = make(tmp_path), []
    keep(kept)
    read = kept_token.read
    for module in (kept_file, kept_token):
        monkeypatch.setattr(module, "read", lambda path: reads.append(path) or read(path))
    assert len({kept.read() for _ in range(10)}) == 1
    assert len(reads) == 2  # the token and its record
    keep(kept, "another", 3.0)
    assert kept.read().end == 3.0


def test_a_token_that_was_asked_for_otherwise_is_none(tmp_path: Path) -> None:
    keep(make(tmp_path, scope="read"))
    with pytest.raises(Unavailable, match="asked for otherwise"):
        make(tmp_path, scope="write").read()


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"end": "soon"}'])
def test_a_token_without_its_record_is_none(tmp_path: Path, record: str) -> None:
    keep(make(tmp_path))
    (tmp_path / "token.json").write_text(record)
    with pytest.raises(Unavailable, match="of which nothing is known"):
        make(tmp_path).read()
    (tmp_path / "token.json").unlink()
    with pytest.raises(Unavailable, match="of which nothing is known"):
        make(tmp_path).read()


def test_a_token_that_is_gone_or_open_to_others_is_none(tmp_path: Path) -> None:
    kept = make(tmp_path)
    keep(kept)
    (tmp_path / "token").chmod(0o644)
    with pytest.raises(Unavailable, match="mode 0644"):
        kept.read()
    (tmp_path / "token").unlink()
    with pytest.raises(Unavailable, match="there is no token yet"):
        kept.read()


def test_of_refresh_tokens_the_last_descendant_is_good(tmp_path: Path) -> None:
    kept = make(tmp_path)
    assert kept.refresh_token("given") == "given"
    kept.keep_refresh_token("given", "second")
    keep(kept)
    kept.keep_refresh_token("given", "third")
    again = make(tmp_path)
    assert again.refresh_token("given") == "third"
    assert again.refresh_token("another was given since") == "another was given since"
    assert again.read().end == 2.0


def test_a_refresh_token_that_cannot_be_written_is_not_forgotten(tmp_path: Path) -> None:
    kept = make(tmp_path)
    assert kept.refresh_token("given") == "given"
    (tmp_path / "token.json" / "in the way").mkdir(parents=True)
    with pytest.raises(Unavailable, match="it cannot be kept: "):
        kept.keep_refresh_token("given", "second")
    assert kept.refresh_token("given") == "second"


def test_only_the_token_is_given_to_its_owner(tmp_path: Path) -> None:
    me = tmp_path.owner()
    kept = KeptToken(tmp_path / "token", tmp_path / "token.json", {}, me)
    keep(kept)
    assert [path.owner() for path in tmp_path.iterdir()] == [me, me]


def test_its_record_betrays_nothing_in_words(tmp_path: Path) -> None:
    kept = make(tmp_path)
    kept.keep_refresh_token("g1ven", "s3cret")
    assert "s3cret" not in repr(kept._known())


@pytest.mark.parametrize(
    ("now", "least", "early", "is_due"),
    [
        (1500.0, 0.0, None, False),
        (1501.0, 0.0, None, True),  # half of its life
        (1000.0, 2000.0 - 1000.0 - AHEAD.total_seconds(), None, False),
        (1000.0, 2001.0 - 1000.0 - AHEAD.total_seconds(), None, True),  # it would be too short soon
        (1990.0, 900.0, 10.0, False),
        (1991.0, 0.0, 10.0, True),
    ],
)
def test_it_is_due_in_time(
    tmp_path: Path, now: float, least: float, early: float | None, is_due: bool
) -> None:
    kept = make(tmp_path)
    times = timedelta(seconds=least), None if early is None else timedelta(seconds=early)
    assert kept.is_due(now, *times)
    kept.keep("token", subject="robot", begin=1000.0, end=2000.0)
    assert kept.is_due(now, *times) == is_due


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    kept = make(tmp_path)
    keep(kept)
    (tmp_path / "token.json").unlink()
    (tmp_path / "token.json").mkdir()
    with pytest.raises(Unavailable, match=r"is no regular file|Is a directory"):
        kept.read()
