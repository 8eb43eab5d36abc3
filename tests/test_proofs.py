"""Credentials: judged before every use, shared, renewed in a thread of their own, and told about once."""

import logging
import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory import proofs as module
from autopyfactory.errors import Closed, Unavailable
from autopyfactory.model import CredentialType, Proof
from autopyfactory.proofs import Proofs, find_end, find_fault, prove, write_end
from autopyfactory.testing import until
from rig import Rig

HOUR = 3600.0
NOW = 1000.0  # of the rig's clock, and of its day
PATH = Path("/proxy")


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


def valid(seconds: float = HOUR, path: str = "/proxy", begin: float = 0.0) -> Proof:
    return Proof(path=Path(path), begin=begin, end=NOW + seconds)


def refusal(proofs: Proofs) -> str:
    with pytest.raises(Unavailable) as caught:
        proofs.read()
    assert caught.value.untouched
    return str(caught.value)


@pytest.mark.parametrize(
    ("begin", "end", "fault"),
    [
        (0, 2000, ""),
        (0, math.inf, ""),
        (0, 1300, ""),
        (0, 1299, "/proxy ends at 1970-01-01T00:21:39Z, too soon: minimum = '5m'"),
        (0, 1000, "/proxy expired at 1970-01-01T00:16:40Z"),
        (1060, 2000, ""),
        (1061, 2000, "/proxy is not valid before 1970-01-01T00:17:41Z"),
        (1e300, math.inf, "/proxy is not valid before never"),
    ],
)
def test_a_proof_is_used_while_it_is_valid_and_long_enough(begin: float, end: float, fault: str) -> None:
    proof = Proof(path=PATH, begin=begin, end=end)
    assert find_fault(proof, NOW, timedelta(minutes=5)) == fault


@given(st.floats(0, 1e12), st.floats(0, 1e12), st.floats(0, 1e9))
def test_nothing_is_used_that_ends_before_the_minimum_is_over(end: float, now: float, minimum: float) -> None:
    fault = find_fault(Proof(path=PATH, end=end), now, timedelta(seconds=minimum))
    assert fault or end > now
    assert fault or end - now >= timedelta(seconds=minimum).total_seconds()


@pytest.mark.parametrize(
    ("proof", "warn", "warns"),
    [
        (valid(201, begin=NOW - 800), None, False),
        (valid(199, begin=NOW - 800), None, True),
        (valid(HOUR), timedelta(hours=2), True),
        (valid(HOUR), timedelta(0), False),
        (Proof(path=PATH), timedelta(days=100), False),
    ],
)
def test_the_end_is_announced_in_time(proof: Proof, warn: timedelta | None, warns: bool) -> None:
    assert find_end(proof, NOW, warn) == (f"/proxy ends at {write_end(proof.end)}" if warns else "")


@pytest.mark.parametrize(("days", "warns"), [(6.9, True), (7.1, False), (math.inf, False)])
def test_the_end_of_what_renews_it_is_announced_a_week_before(days: float, warns: bool) -> None:
    proof = Proof(path=PATH, end=NOW + 30 * 86_400, last=NOW + days * 86_400)
    said = f"/proxy is renewed from what ends at {write_end(proof.last)}"
    assert find_end(proof, NOW, timedelta(days=1)) == (said if warns else "")
    assert find_end(proof, NOW, timedelta(days=31)) == f"/proxy ends at {write_end(proof.end)}"


@pytest.mark.parametrize(
    ("moment", "words"), [(0.0, "1970-01-01T00:00:00Z"), (math.inf, "never"), (1e18, "never")]
)
def test_an_end_is_written_as_a_moment(moment: float, words: str) -> None:
    assert write_end(moment) == words


class TestReading:
    def test_a_valid_file_is_handed_out(self, rig: Rig) -> None:
        _, proofs = rig.credential(valid())
        assert proofs.read() == valid()
        assert proofs.type is CredentialType.X509

    def test_many_who_ask_are_one_look(self, rig: Rig) -> None:
        fake, proofs = rig.credential(valid())
        assert {proofs.read() for _ in range(100)} == {valid()}
        assert len(fake.calls) == 1
        rig.clock.advance(3)
        proofs.read()
        assert len(fake.calls) == 2

    def test_what_expired_since_the_last_look_is_not_handed_out(self, rig: Rig) -> None:
        fake, proofs = rig.credential(valid(301))
        proofs.read()
        rig.clock.advance(1.5)
        assert refusal(proofs).startswith("credential robot: /proxy ends at")
        assert len(fake.calls) == 1

    @pytest.mark.parametrize("error", [Unavailable("no such file"), RuntimeError("a bug")])
    def test_what_cannot_be_looked_at_is_unavailable(self, rig: Rig, error: Exception) -> None:
        fake, proofs = rig.credential()
        fake.fail = error
        assert refusal(proofs).startswith("credential robot: ")

    def test_a_look_that_hangs_is_given_up(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "DEADLINE", 0.05)
        fake, proofs = rig.credential()
        fake.hang = threading.Event()
        assert "gave no answer" in refusal(proofs)
        fake.hang.set()

    def test_a_closed_one_says_that_it_is_closed(self, rig: Rig) -> None:
        _, proofs = rig.credential()
        proofs.close(0.0)
        with pytest.raises(Closed):
            proofs.read()

    def test_a_closed_one_that_was_tended_is_as_it_was_last_as_long_as_that_is_valid(self, rig: Rig) -> None:
        _, proofs = rig.credential(valid(3600, "/proxy"))
        proofs.renew()
        proofs.close(0.0)
        assert proofs.read().path == Path("/proxy")
        rig.clock.now += 7200
        assert "expired" in refusal(proofs)


class TestProving:
    def test_of_each_type_the_first_valid_one_is_taken(self, rig: Rig) -> None:
        token = CredentialType.TOKEN
        chosen = [
            rig.credential(valid(0, "/expired"))[1],
            rig.credential(valid(path="/token"), token)[1],
            rig.credential(valid(path="/second"))[1],
        ]
        never, last = rig.credential(valid(path="/third"))
        assert prove([*chosen, last]) == {
            CredentialType.X509: Path("/second"),
            CredentialType.TOKEN: Path("/token"),
        }
        assert never.calls == []

    def test_a_type_of_which_none_is_valid_lets_nothing_go(self, rig: Rig) -> None:
        token = rig.credential(valid(), CredentialType.TOKEN)[1]
        expired = [rig.credential(valid(0, path))[1] for path in ("/a", "/b")]
        with pytest.raises(Unavailable) as caught:
            prove([token, *expired])
        assert caught.value.untouched
        assert "/a expired" in str(caught.value)
        assert "/b expired" in str(caught.value)

    def test_nothing_is_proved_by_nothing(self) -> None:
        assert prove([]) == {}


class TestRenewal:
    @pytest.fixture(autouse=True)
    def hurried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "RHYTHM", 0.001)
        monkeypatch.setattr(module, "LONGEST_PAUSE", 0.002)

    def test_it_goes_on_in_one_thread_until_the_end(self, rig: Rig) -> None:
        fake, proofs = rig.credential(valid())
        proofs.tend()
        proofs.tend()
        assert until(lambda: len(fake.asked("renew")) > 3)
        names = [thread.name for thread in threading.enumerate()]
        assert names.count("renewal of credential robot") == 1
        proofs.close(0.0)
        assert until(lambda: "renewal of credential robot" not in [t.name for t in threading.enumerate()])

    def test_one_that_fails_is_tried_again_for_ever(self, rig: Rig) -> None:
        fake, proofs = rig.credential(valid())
        fake.fails["renew"] = RuntimeError("the server is away")
        proofs.tend()
        assert until(lambda: proofs.failed > 12)
        assert proofs.read() == valid()
        fake.fails.clear()
        assert until(lambda: proofs.failed == 0)

    def test_one_that_hangs_keeps_nobody_from_the_file(self, rig: Rig) -> None:
        fake, proofs = rig.credential(valid())
        hang = fake.hangs["renew"] = threading.Event()
        proofs.tend()
        assert fake.entered.wait(10)
        assert proofs.read() == valid()
        hang.set()


class TestWhatIsSaid:
    def test_what_was_seen_before_a_renewal_does_not_count(
        self, rig: Rig, caplog: pytest.LogCaptureFixture
    ) -> None:
        fake, proofs = rig.credential(valid())
        fake.fail = Unavailable("not there yet")
        assert refusal(proofs).endswith("not there yet")
        fake.fail = None
        rig.clock.advance(0.1)
        proofs.renew()
        assert (proofs.trouble, caplog.messages) == ("", [])
        assert proofs.read() == valid()

    def test_failed_renewals_are_said_ever_more_rarely(
        self, rig: Rig, caplog: pytest.LogCaptureFixture
    ) -> None:
        fake, proofs = rig.credential(valid())
        fake.fails["renew"] = Unavailable("the server is away")
        for _ in range(9):
            proofs.renew()
        assert caplog.messages == [
            f"credential robot: renewal failed, {times} in a row: the server is away"
            for times in (1, 2, 4, 8)
        ]
        assert proofs.failed == 9
        assert proofs.trouble == ""

    def test_every_change_is_said_once(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        fake, proofs = rig.credential(valid())
        states = [valid(), valid(HOUR / 2), valid(0), valid(0), valid(2 * HOUR), valid(2 * HOUR)]
        for state in states:
            fake.now = replace(state, begin=NOW - HOUR)
            rig.clock.advance(module.FRESH + 0.1)
            proofs.renew()
        levels = [record.levelname for record in caplog.records]
        assert levels == ["ERROR", "INFO"]
        assert "expired at" in caplog.messages[0]
        assert "can be used again: valid until" in caplog.messages[1]

    def test_a_near_end_is_a_warning(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        _, proofs = rig.credential(valid(), warn="2h")
        proofs.renew()
        proofs.renew()
        (record,) = caplog.records
        assert record.levelname == "WARNING"
        assert proofs.trouble == "/proxy ends at 1970-01-01T01:16:40Z"
        assert proofs.last == valid()

    def test_of_what_cannot_be_used_the_last_look_stays_known(self, rig: Rig) -> None:
        fake, proofs = rig.credential(valid())
        proofs.renew()
        fake.fail = Unavailable("no such file")
        fake.fails["renew"] = Unavailable("no server")
        rig.clock.advance(3)
        proofs.renew()
        assert proofs.trouble == "no such file"
        assert proofs.last == valid()

    def test_nothing_is_said_of_a_closed_one(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        _, proofs = rig.credential()
        proofs.close(0.0)
        proofs.renew()
        assert caplog.messages == []
