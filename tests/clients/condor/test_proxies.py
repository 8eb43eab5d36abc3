"""Renewed proxies, with a schedd that refuses some; a real one is in integration/."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import htcondor2
import pytest

from autopyfactory.clients.condor.proxies import Proxies
from autopyfactory.errors import Unavailable

JOBS = [{"ClusterId": 1, "ProcId": number} for number in range(3)]


class Pool:
    """Jobs with proxies of some files; it notes which were refreshed."""

    def __init__(self, *files: Path | str) -> None:
        self.files = files
        self.asked: list[str] = []
        self.refreshed: list[tuple[Any, ...]] = []
        self.edits: list[tuple[Any, ...]] = []
        self.schedd = SimpleNamespace(refreshGSIProxy=self.refresh, edit=self.edit)
        self.wrong: Callable[[int], str] = lambda _: ""

    def group(self, where: str, attributes: Sequence[str], *, limit: int) -> list[dict[str, Any]]:
        assert (where, attributes) == ("F", ["FACTORY", "SUBMIT_x509userproxy"])
        return [{"SUBMIT_x509userproxy": str(file)} if file else {} for file in self.files]

    def query(self, constraint: str, attributes: Sequence[str], *, limit: int) -> list[dict[str, int]]:
        self.asked.append(constraint)
        return JOBS

    def refresh(self, cluster: int, proc: int, path: str, lifetime: int) -> int:
        if words := self.wrong(proc):
            raise htcondor2.HTCondorException(words)
        self.refreshed.append((cluster, proc, path, lifetime))
        return 3600

    def edit(self, *arguments: object) -> None:
        self.edits.append(arguments)

    def forget(self) -> None:
        self.asked.append("forgotten")


@pytest.fixture
def proxy(tmp_path: Path) -> Path:
    """A file that was written in the year 2001."""
    path = tmp_path / "proxy.pem"
    path.touch()
    os.utime(path, (1e9, 1e9))
    return path


def refresh(pool: Pool, seconds: float = 60.0) -> dict[str, Any]:
    return Proxies(pool).refresh("F", ["FACTORY"], seconds)  # type: ignore[arg-type]


def test_jobs_with_an_older_proxy_get_the_file_as_it_is_now(proxy: Path) -> None:
    pool = Pool(proxy)
    assert refresh(pool) == {"refreshed": 3, "failed": ""}
    assert pool.refreshed == [(1, number, str(proxy), 0) for number in range(3)]
    assert pool.edits == [(["1.0", "1.1", "1.2"], "APF_PROXY", "1000000000")]
    older = f'SUBMIT_x509userproxy == "{proxy}" && (APF_PROXY ?: (QDate - 1)) < 1000000000'
    assert pool.asked[0].endswith(older)


def test_jobs_without_a_proxy_are_passed_over() -> None:
    pool = Pool("")
    assert refresh(pool) == {"refreshed": 0, "failed": ""}
    assert not pool.asked


def test_a_file_that_is_gone_is_told_and_keeps_no_other_back(proxy: Path) -> None:
    answer = refresh(Pool("/no/such/proxy", proxy))
    assert answer["refreshed"] == 3
    assert "/no/such/proxy" in answer["failed"]


def test_a_job_that_does_not_take_it_keeps_no_other_back(proxy: Path) -> None:
    pool = Pool(proxy)
    pool.wrong = lambda proc: "DCSchedd::delegateGSIcredential:1:refused" if proc == 1 else ""
    assert refresh(pool) == {"refreshed": 2, "failed": "refused"}
    assert pool.edits == [(["1.0", "1.2"], "APF_PROXY", "1000000000")]


def test_what_there_was_no_time_for_is_left_to_the_next_time(proxy: Path) -> None:
    pool = Pool(proxy)
    assert refresh(pool, seconds=-1.0) == {"refreshed": 0, "failed": ""}
    assert pool.edits == []


def test_a_schedd_that_takes_no_note_is_unavailable(proxy: Path) -> None:
    def refuse(*_: object) -> None:
        raise htcondor2.HTCondorException("Failed to connect to schedd")

    pool = Pool(proxy)
    pool.schedd.edit = refuse
    with pytest.raises(Unavailable, match="Failed to connect"):
        refresh(pool)
    assert pool.asked[-1] == "forgotten"
