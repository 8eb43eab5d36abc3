"""The PanDA source beside a real server: with a proxy, with a token, with neither, and when it is away."""

import time
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Demand, Place, Proof, SiteStatus
from autopyfactory.sources.panda import PandaSource, PandaSourceOptions, PandaWork
from panda import Panda

PLACE = Place(section="panda", factory="us", logs="logs", state="state")


@pytest.fixture(autouse=True)
def work_waits(panda: Panda) -> None:
    panda.jobs("queue", "NORTH")
    panda.jobs("queue", "SOUTH", '{"status": "test"}')
    panda.jobs("clear")
    panda.jobs("add", "NORTH", "7")
    panda.jobs("add", "NORTH", "2", "type=MCORE", "cores=8", "label=user")
    panda.jobs("add", "NORTH", "3", "status=assigned")


class Prover:
    """A credential as a source is handed it."""

    name = "ours"

    def __init__(self, kind: CredentialType, file: Path) -> None:
        self.type = kind
        self._file = file

    def read(self) -> Proof:
        return Proof(path=self._file)


def source(panda: Panda, *provers: Prover, **options: Any) -> PandaSource:
    settings = {"url": panda.url, "authorities": panda.certificates, "origin": "atlas.production", **options}
    return PandaSource(PandaSourceOptions.model_validate(settings), PLACE, provers)


def work(site: str, **options: Any) -> PandaWork:
    return PandaWork.model_validate({"site": site, **options})


NORTH = {
    work("NORTH"): Demand(ready=9, ready_cores=23, status=SiteStatus.ONLINE),
    work("NORTH", resource_types=["SCORE"]): Demand(ready=7, ready_cores=7, status=SiteStatus.ONLINE),
    work("NORTH", labels=["user"]): Demand(ready=2, ready_cores=16, status=SiteStatus.ONLINE),
    work("NORTH", ready=["assigned"]): Demand(ready=3, ready_cores=3, status=SiteStatus.ONLINE),
    work("SOUTH"): Demand(status=SiteStatus.TEST),
}


def test_it_counts_what_waits_without_a_credential(panda: Panda) -> None:
    assert source(panda).demand(list(NORTH)) == NORTH
    assert source(panda).probe() == []


def test_it_counts_what_waits_with_a_proxy(panda: Panda) -> None:
    assert source(panda, Prover(CredentialType.X509, panda.proxy)).demand(list(NORTH)) == NORTH


def test_it_counts_what_waits_with_a_token(panda: Panda, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(panda.token())
    assert source(panda, Prover(CredentialType.TOKEN, tmp_path / "token")).demand(list(NORTH)) == NORTH


def test_a_token_that_ended_is_refused_even_for_open_counts(panda: Panda, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(panda.token(seconds=-60))
    with pytest.raises(Unavailable, match=r"refuses us, 403: .*expired"):
        source(panda, Prover(CredentialType.TOKEN, tmp_path / "token")).demand(list(NORTH))


def test_a_site_that_the_server_does_not_know_is_unknown(panda: Panda) -> None:
    (answer,) = source(panda).demand([work("NORHT")]).values()
    assert "did you mean 'NORTH'?" in str(answer)


def test_a_server_without_any_job_is_no_server_without_demand(panda: Panda) -> None:
    asking = source(panda)
    asking.demand(list(NORTH))
    panda.jobs("clear")
    with pytest.raises(Unavailable, match="has failed: Database failure"):
        asking.demand(list(NORTH))


def test_a_certificate_of_an_unknown_authority_is_not_believed(panda: Panda) -> None:
    with pytest.raises(Unavailable, match="certificate verify failed"):
        source(panda, authorities=None).demand(list(NORTH))


def test_a_server_that_is_away_is_unavailable_and_then_counts_again(panda: Panda) -> None:
    asking = source(panda)
    panda.halt()
    try:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="Connection refused"):
            asking.demand(list(NORTH))
        assert time.monotonic() - began < 30
    finally:
        panda.start()
    assert asking.demand(list(NORTH)) == NORTH
