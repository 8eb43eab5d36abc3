"""A token of HTCondor's own is made or found in time, and lies in a folder alone."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import issuer
from autopyfactory.credentials.idtoken import IdtokenCredential, IdtokenOptions
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Place
from autopyfactory.testing import CredentialContract
from programs import MYPROXY, Program

DAY = 86_400.0


def token(life: float = DAY, **claims: Any) -> bytes:
    return issuer.token(sub="me@pool", iss="pool", iat=time.time(), exp=time.time() + life, **claims)


@pytest.fixture
def tools(tmp_path: Path) -> Program:
    """A program that stands for both of HTCondor's tools, and gives tokens of a day."""
    program = Program(tmp_path / "tools", MYPROXY)
    program.answers(token())
    for name in ("condor_token_create", "condor_token_fetch"):
        (program.folder / name).symlink_to(program.path)
    return program


Make = Callable[..., IdtokenCredential]


@pytest.fixture
def make(tools: Program, tmp_path: Path) -> Make:
    """Makes a credential as a factory that starts does."""

    def make(**options: Any) -> IdtokenCredential:
        place = Place(section="pool", factory="f", logs="logs", state=str(tmp_path / "state"))
        return IdtokenCredential(IdtokenOptions(**{"programs": tools.folder} | options), place)

    return make


class TestMade(CredentialContract):
    plugin = IdtokenCredential

    @pytest.fixture
    def section(self, tools: Program) -> IdtokenOptions:
        return IdtokenOptions(programs=tools.folder, identity="me@pool")


class TestFound(CredentialContract):
    plugin = IdtokenCredential

    @pytest.fixture
    def section(self, tmp_path: Path) -> IdtokenOptions:
        (tmp_path / "tokens.d").mkdir()
        issuer.keep(tmp_path / "tokens.d" / "one", token())
        return IdtokenOptions(tokens=tmp_path / "tokens.d")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"identity": "me@pool"}, "-identity me@pool -lifetime 86400"),
        (
            {"identity": "me@pool", "key": "NORTH", "authorizations": ["READ", "WRITE"], "lifetime": "1h"},
            "-identity me@pool -key NORTH -authz READ -authz WRITE -lifetime 3600",
        ),
        ({}, "-lifetime 86400"),
        ({"collector": "cm:9618", "schedd": "submit01"}, "-pool cm:9618 -name submit01 -lifetime 86400"),
    ],
)
def test_the_tool_is_told_by_words(make: Make, tools: Program, options: dict[str, Any], words: str) -> None:
    make(**options).renew()
    assert " ".join(tools.words) == words


def test_it_lies_alone_in_a_folder_that_nobody_else_looks_into(make: Make) -> None:
    credential = make()
    with pytest.raises(Unavailable, match="there is no token yet"):
        credential.proof()
    credential.renew()
    proof = credential.proof()
    assert list(proof.path.parent.iterdir()) == [proof.path]
    assert proof.path.parent.stat().st_mode & 0o777 == 0o700
    assert (credential.type, proof.subject) == (CredentialType.IDTOKEN, "me@pool of pool")
    assert proof.end == pytest.approx(time.time() + DAY, abs=60)


@pytest.mark.parametrize(("options", "asks"), [({}, False), ({"renew": "2d"}, True)])
def test_it_is_made_anew_in_time_and_not_at_each_start(
    make: Make, tools: Program, options: dict[str, str], asks: bool
) -> None:
    make().renew()
    tools.answers(token(2 * DAY))
    credential = make(**options)
    credential.renew()
    assert (credential.proof().end > time.time() + 1.5 * DAY) == asks


def test_the_old_one_serves_while_the_tool_fails(make: Make, tools: Program) -> None:
    credential = make(renew="2d")
    credential.renew()
    before = credential.proof()
    tools.answers(b"", "no daemon answers", 1)
    with pytest.raises(Unavailable, match="condor_token_fetch ended with code 1: no daemon answers"):
        credential.renew()
    assert credential.proof() == before


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"s3cret", "what came holds no JSON Web Token"), (token(100), "too soon: minimum = '5m'")],
)
def test_what_is_not_good_is_not_kept(make: Make, tools: Program, answer: bytes, words: str) -> None:
    tools.answers(answer)
    with pytest.raises(Unavailable, match=words) as caught:
        make().renew()
    assert "s3cret" not in str(caught.value)


def test_the_configuration_of_the_tool_can_be_named(make: Make, tools: Program, tmp_path: Path) -> None:
    config = issuer.keep(tmp_path / "condor_config", b"")
    make(config=config).renew()
    assert f"CONDOR_CONFIG={config}" in tools.environment


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tokens": "/t", "identity": "me"}, "identity is for a token that is made"),
        ({"identity": "me", "schedd": "s"}, "collector and schedd are for one that is fetched"),
        ({"lifetime": "5m"}, "lifetime must be more than minimum, 5m"),
        ({"identity": "-file"}, "identity"),
        ({"programs": "/nowhere"}, "'/nowhere/condor_token_fetch' is not an executable file"),
    ],
)
def test_wrong_options_are_said(tools: Program, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        IdtokenOptions(**{"programs": tools.folder} | options)
    assert words in str(caught.value)
