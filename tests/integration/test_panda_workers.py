"""A real PanDA server knows the factory's pilots: their numbers at each site, and each of them to its end."""

import json
from pathlib import Path

import pytest

from autopyfactory.clients.panda.server import Access, Server
from autopyfactory.clients.web import Web
from autopyfactory.clock import VirtualClock
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Ended, Observation, Outcome, Place, Proof, Report, Supply
from autopyfactory.monitors.panda_workers import PandaWorkersMonitor, PandaWorkersOptions
from panda import Panda


class Prover:
    """A credential as a monitor is handed it."""

    name = "ours"

    def __init__(self, kind: CredentialType, file: Path) -> None:
        self.type = kind
        self._file = file

    def read(self) -> Proof:
        return Proof(path=self._file)


def make(panda: Panda, factory: str, prover: Prover, clock: VirtualClock) -> PandaWorkersMonitor:
    options = PandaWorkersOptions.model_validate(
        {
            "url": panda.url,
            "authorities": panda.certificates,
            "credential": "ours",
            "origin": "atlas.production",
        }
    )
    place = Place(section="p", factory=factory, logs="", state="", url="https://logs.example.org")
    return PandaWorkersMonitor(options, place, [prover], clock=clock)


def report(queue: str, kind: str, supply: Supply, outcome: Outcome | None = None) -> Report:
    work = {"site": "NORTH", "resource_types": [kind]}
    definition = json.dumps({"work": work, "pilot": {"cores": 8}})
    return Report(
        queue=queue,
        target="ce01",
        wall=1_900_000_000.0,
        seen=Observation(supply=supply),
        outcome=outcome,
        definition=definition,
    )


def ask(panda: Panda, call: str, **query: str) -> object:
    server = Server(panda.url, Web(authorities=panda.certificates))
    return server.get(f"harvester/{call}", 60, Access(certificate=panda.proxy), **query)


@pytest.mark.parametrize("kind", [CredentialType.X509, CredentialType.TOKEN])
def test_the_server_shows_our_numbers_and_our_pilots(
    panda: Panda, factory: str, tmp_path: Path, kind: CredentialType
) -> None:
    (tmp_path / "token").write_text(panda.token())
    file = panda.proxy if kind is CredentialType.X509 else tmp_path / "token"
    clock = VirtualClock()
    monitor = make(panda, factory, Prover(kind, file), clock)
    monitor.record(report("N1", "SCORE", Supply(pending=4, running=2), Outcome(submitted=("1.0", "1.1"))))
    monitor.record(report("N8", "MCORE", Supply(pending=1, running=5)))
    clock.advance(300)
    ended = Ended(end=1_900_000_300.0, run_time=200.0, reason="exit code 0", pilot="1.0")
    monitor.record(report("N1", "SCORE", Supply(running=3, ended=(ended,)), Outcome(retired=("1.1",))))
    ours = ask(panda, "get_worker_statistics")["NORTH"][factory]  # type: ignore[index]
    assert ours == {
        "managed": {"SCORE": {"submitted": 0, "running": 3}, "MCORE": {"submitted": 1, "running": 5}}
    }
    assert ask(panda, "get_current_worker_id", harvester_id=factory) == 2
    again = make(panda, factory, Prover(kind, file), clock)
    again.record(report("N1", "SCORE", Supply(pending=1), Outcome(submitted=("2.0",))))
    assert ask(panda, "get_current_worker_id", harvester_id=factory) == 3
    assert (monitor.lost, again.lost) == (0, 0)


def test_without_a_good_credential_nothing_is_told_and_all_is_kept(
    panda: Panda, factory: str, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(panda.token(seconds=-60))
    clock = VirtualClock()
    monitor = make(panda, factory, Prover(CredentialType.TOKEN, tmp_path / "token"), clock)
    with pytest.raises(Unavailable, match="refuses us, 403"):
        monitor.record(report("N1", "SCORE", Supply(pending=1), Outcome(submitted=("1.0",))))
    (tmp_path / "token").write_text(panda.token())
    clock.advance(10)
    monitor.flush()
    assert ask(panda, "get_current_worker_id", harvester_id=factory) == 1
