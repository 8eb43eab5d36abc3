"""MyProxy is asked by an argument list, and the pass phrase goes nowhere but to standard input."""

from datetime import timedelta
from pathlib import Path

import pytest

import issuer
from autopyfactory.clients.myproxy import MyProxyClient
from autopyfactory.errors import Unavailable
from programs import MYPROXY, Program

SECONDS = timedelta(seconds=20)
REFUSED = "Failed to receive credentials.\nERROR from myproxy-server:\ninvalid credential passphrase\n"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "myproxy", MYPROXY)


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    return issuer.keep(tmp_path / "passphrase", b"open sesame\n")


def asking(program: Program, passphrase: Path | None) -> MyProxyClient:
    words = ["-s", "myproxy.example.org", "-l", "robot"]
    return MyProxyClient([str(program.path)], {"X509_CERT_DIR": "/cas"}, SECONDS, words, passphrase)


def test_a_pass_phrase_goes_by_standard_input_only(program: Program, passphrase: Path) -> None:
    program.answers(issuer.RIGHT)
    assert asking(program, passphrase).fetch(timedelta(hours=5)) == issuer.RIGHT
    assert " ".join(program.words) == "-s myproxy.example.org -l robot -t 5 -q -o - -S"
    assert (program.folder / "told").read_bytes() == b"open sesame\n"
    assert "X509_CERT_DIR=/cas" in program.environment
    assert not any("sesame" in word for word in (*program.words, *program.environment))


def test_without_a_pass_phrase_none_is_waited_for(program: Program) -> None:
    program.answers(issuer.RIGHT)
    assert asking(program, None).fetch(timedelta(hours=5)) == issuer.RIGHT
    assert program.words[-1] == "-n"


@pytest.mark.parametrize(("minutes", "hours"), [(1, "1"), (60, "1"), (61, "2"), (5760, "96")])
def test_a_life_is_asked_for_in_whole_hours(program: Program, minutes: int, hours: str) -> None:
    program.answers(issuer.RIGHT)
    asking(program, None).fetch(timedelta(minutes=minutes))
    assert program.words[5] == hours


def test_what_the_server_refuses_is_said(program: Program, passphrase: Path) -> None:
    program.answers(b"", REFUSED, 1)
    with pytest.raises(
        Unavailable, match=r"ended with code 1: Failed .*: invalid credential passphrase$"
    ) as caught:
        asking(program, passphrase).fetch(SECONDS)
    assert "sesame" not in str(caught.value)


def test_a_pass_phrase_that_others_may_read_is_not_used(program: Program, passphrase: Path) -> None:
    passphrase.chmod(0o644)
    with pytest.raises(Unavailable, match=f"'{passphrase}' has mode 0644"):
        asking(program, passphrase).fetch(SECONDS)
    assert program.words == []


def test_a_closed_one_asks_nobody(program: Program) -> None:
    closed = asking(program, None)
    closed.close()
    with pytest.raises(Unavailable, match="is closed"):
        closed.fetch(SECONDS)
