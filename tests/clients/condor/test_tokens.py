"""HTCondor's own tokens: made by its tools, or found in a folder as HTCondor finds them."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

import issuer
from autopyfactory.clients.condor import tokens
from autopyfactory.clients.condor.tokens import find_token, make_token
from autopyfactory.errors import Unavailable
from programs import MYPROXY, Program

NOW = time.time()
SOON = issuer.token(sub="soon", exp=NOW + 60)
LATE = issuer.token(sub="late", exp=NOW + 3600)


@pytest.fixture
def tool(tmp_path: Path) -> Program:
    return Program(tmp_path / "tool", MYPROXY)


def make(tool: Program) -> str:
    return make_token([str(tool.path), "-identity", "me"], {"CONDOR_CONFIG": "/a"}, timedelta(seconds=20))


def test_a_tool_prints_the_token(tool: Program) -> None:
    tool.answers(LATE)
    assert make(tool) == LATE.decode().strip()
    assert tool.words == ["-identity", "me"]
    assert "CONDOR_CONFIG=/a" in tool.environment


@pytest.mark.parametrize("answer", [b"", b"two words"])
def test_what_is_no_token_is_not_repeated(tool: Program, answer: bytes) -> None:
    tool.answers(answer)
    with pytest.raises(Unavailable, match=r"program printed no token$"):
        make(tool)


def test_a_tool_says_why_it_fails(tool: Program) -> None:
    tool.answers(b"", "Failed to generate a token.\nTOKEN:1:Failed to read file POOL securely.\n", 2)
    with pytest.raises(Unavailable, match=r"ended with code 2: TOKEN:1:Failed to read file POOL securely\.$"):
        make(tool)


def test_of_many_tokens_the_longest_is_taken(tmp_path: Path) -> None:
    issuer.keep(tmp_path / "a", SOON + LATE)
    issuer.keep(tmp_path / "b", SOON)
    issuer.keep(tmp_path / ".hidden", issuer.token(sub="hidden", exp=NOW + 9000))
    issuer.keep(tmp_path / "open", issuer.token(sub="open", exp=NOW + 9000), 0o644)
    issuer.keep(tmp_path / "junk", b"junk")
    (tmp_path / "folder").mkdir()
    assert find_token(tmp_path) == LATE.decode().strip()


def test_a_folder_without_a_token_of_ours_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        find_token(tmp_path / "nothing")
    with pytest.raises(Unavailable, match="holds no token of ours"):
        find_token(tmp_path)
    issuer.keep(tmp_path / "a", LATE)
    monkeypatch.setattr(tokens.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(Unavailable, match="holds no token of ours"):
        find_token(tmp_path)
