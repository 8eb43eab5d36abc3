"""VOMS is asked by an argument list; what comes is taken, and what does not is explained."""

from datetime import timedelta
from pathlib import Path

import pytest

import issuer
from autopyfactory.clients.voms import VomsClient, client, write_hours
from autopyfactory.errors import Unavailable
from programs import Program

AC = issuer.attribute_certificate(["/atlas"], 1000, 2000)
ROBOT = Path("/robot.pem")
KEY = Path("/key.pem")
SECONDS = timedelta(seconds=20)
DOTS = "..+++*....\n"
REFUSED = (
    DOTS
    + "\nError: atlas: User unknown to this VO.\n\nNone of the contacted servers for atlas were capable\n"
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "voms")


def asking(
    program: Program, voms: str = "atlas:/atlas/Role=pilot", servers: Path | None = None
) -> VomsClient:
    return client([str(program.path)], {"X509_CERT_DIR": "/cas"}, SECONDS, voms, servers)


def test_what_the_server_grants_is_fetched(program: Program) -> None:
    program.answers(issuer.armour(AC), complaint=DOTS)
    assert asking(program).fetch(ROBOT, KEY, timedelta(hours=96)) == [AC]
    words = " ".join(program.words)
    assert words.startswith(
        "-quiet -rfc -noregen -cert /robot.pem -key /key.pem -voms atlas:/atlas/Role=pilot"
    )
    assert "-valid 96:00" in words
    assert "-vomses" not in words
    assert "X509_CERT_DIR=/cas" in program.environment


def test_servers_may_be_named(program: Program) -> None:
    program.answers(issuer.armour(AC))
    asking(program, servers=Path("/vomses")).fetch(ROBOT, KEY, SECONDS)
    assert "-vomses /vomses" in " ".join(program.words)


def test_who_wants_no_attributes_asks_nobody(program: Program) -> None:
    assert asking(program, voms="").fetch(ROBOT, KEY, SECONDS) == []
    assert program.words == []


@pytest.mark.parametrize(
    ("answer", "complaint", "code", "sentence"),
    [
        (None, REFUSED, 1, "ended with code 1: Error: atlas: User unknown to this VO. None of the contacted"),
        (None, DOTS, 0, "gave no attributes of atlas:/atlas/Role=pilot"),
        (b"junk", "", 0, "gave no attributes"),
        (None, "", 3, "ended with code 3$"),
    ],
)
def test_what_does_not_come_is_explained(
    program: Program, answer: bytes | None, complaint: str, code: int, sentence: str
) -> None:
    program.answers(answer, complaint, code)
    with pytest.raises(Unavailable, match=sentence):
        asking(program).fetch(ROBOT, KEY, SECONDS)


def test_a_closed_one_asks_nobody(program: Program) -> None:
    closed = asking(program)
    closed.close()
    with pytest.raises(Unavailable, match="is closed"):
        closed.fetch(ROBOT, KEY, SECONDS)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0:01"), (90, "0:01"), (3600, "1:00"), (5400, "1:30"), (345_600, "96:00")]
)
def test_a_life_is_asked_for_in_hours_and_minutes(seconds: int, words: str) -> None:
    assert write_hours(timedelta(seconds=seconds)) == words
