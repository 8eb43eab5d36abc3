"""A bearer token is found where WLCG's rules say, and nowhere else."""

import os
from pathlib import Path

import pytest

import issuer
from autopyfactory.clients.discovery import discover

NAME = f"bt_u{os.geteuid()}"


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """All places at once, each with a token of its own."""
    (tmp_path / "runtime").mkdir()
    issuer.keep(tmp_path / "named", b"of-the-file\n")
    issuer.keep(tmp_path / "runtime" / NAME, b"of-the-session")
    issuer.keep(tmp_path / NAME, b" of-tmp \n")
    return {
        "BEARER_TOKEN": " of-the-environment ",
        "BEARER_TOKEN_FILE": str(tmp_path / "named"),
        "XDG_RUNTIME_DIR": str(tmp_path / "runtime"),
    }


def test_the_first_place_that_has_one_is_taken(tmp_path: Path, places: dict[str, str]) -> None:
    found = [discover(places, tmp_path)]
    for name in list(places):
        del places[name]
        found.append(discover(places, tmp_path))
    assert found == ["of-the-environment", "of-the-file", "of-the-session", "of-tmp"]


def test_a_session_without_one_leaves_it_to_tmp(tmp_path: Path, places: dict[str, str]) -> None:
    (tmp_path / "runtime" / NAME).unlink()
    assert discover({"XDG_RUNTIME_DIR": places["XDG_RUNTIME_DIR"]}, tmp_path) == "of-tmp"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"BEARER_TOKEN": "two words"}, "^BEARER_TOKEN holds no token$"),
        ({"BEARER_TOKEN_FILE": "/nowhere/token"}, "^'/nowhere/token': No such file or directory$"),
        ({"BEARER_TOKEN": ""}, "^there is no bearer token: BEARER_TOKEN, BEARER_TOKEN_FILE, "),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        discover(environment, tmp_path)


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        (b"", 0o600, "holds no token"),
        (b"s3cret s3cret", 0o600, "holds no token"),
        (b"s3cret\xff", 0o600, "holds no token"),
        (b"s3cret", 0o644, "has mode 0644"),
    ],
)
def test_a_file_that_will_not_do_is_named_and_not_repeated(
    tmp_path: Path, content: bytes, mode: int, sentence: str
) -> None:
    issuer.keep(tmp_path / NAME, content, mode)
    with pytest.raises(ValueError, match=sentence) as caught:
        discover({}, tmp_path)
    assert str(tmp_path / NAME) in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_file_that_somebody_else_left_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = issuer.keep(tmp_path / "token", b"token")
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(ValueError, match="belongs to user"):
        discover({"BEARER_TOKEN_FILE": str(path)}, tmp_path)
