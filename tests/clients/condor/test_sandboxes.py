"""Files of spooled jobs, with a schedd that fails in every way; a real one is in integration/."""

import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import htcondor2
import pytest

from autopyfactory.clients.condor import sandboxes
from autopyfactory.clients.condor.sandboxes import Sandboxes, files_up_to, send
from autopyfactory.errors import Unavailable

CUT_OFF = "DCSchedd::spoolJobFiles:7002:File transfer failed"
TOO_LARGE = "DCSchedd::receiveJobSandbox:7003:writing to file 1.0.out: (errno 27) File too large"


class Pool:
    """Jobs in a queue, and a schedd that does what a test says; it notes acts and edits."""

    def __init__(self, *ads: dict[str, Any]) -> None:
        self.ads = list(ads)
        self.asked: list[str] = []
        self.acts: list[str] = []
        self.edits: list[tuple[Any, ...]] = []
        self.schedd = SimpleNamespace(
            act=self.act, retrieve=self.retrieve, edit=self.edit, spool=lambda _: None
        )
        self.retrieved: list[str] = []
        self.wrong: Callable[[str], str] = lambda _: ""

    def query(self, constraint: str, attributes: Sequence[str], **options: object) -> list[dict[str, Any]]:
        self.asked.append(constraint)
        return list(self.ads)

    def forget(self) -> None:
        self.asked.append("forgotten")

    def act(self, action: object, constraint: str, reason: object) -> dict[str, int]:
        self.acts.append(constraint)
        return {"TotalSuccess": len(self.ads)}

    def retrieve(self, jobs: list[str]) -> None:
        self.retrieved += jobs
        if words := self.wrong(jobs[0]):
            raise htcondor2.HTCondorException(words)

    def edit(self, *arguments: object) -> None:
        self.edits.append(arguments)


def ad(number: int, folder: Path | str) -> dict[str, Any]:
    return {"ClusterId": 1, "ProcId": number, "QUEUE": "A", "SUBMIT_Iwd": str(folder)}


def fetch(pool: Pool, root: Path, boxes: Sandboxes | None = None, seconds: float = 60.0) -> dict[str, Any]:
    return (boxes or Sandboxes(pool)).fetch("true", "QUEUE", str(root), 1000, seconds)  # type: ignore[arg-type]


def test_all_that_completed_is_fetched_into_folders_that_are_made_for_it(tmp_path: Path) -> None:
    pool = Pool(*(ad(number, tmp_path / "day" / "A") for number in range(3)))
    assert fetch(pool, tmp_path) == {"fetched": 3, "more": False, "failed": []}
    assert sorted(pool.retrieved) == ["1.0", "1.1", "1.2"]
    assert (tmp_path / "day" / "A").is_dir()


def test_what_was_fetched_a_moment_ago_is_not_fetched_again(tmp_path: Path) -> None:
    pool = Pool(ad(0, tmp_path))
    boxes = Sandboxes(pool)  # type: ignore[arg-type]
    for _ in range(2):
        fetch(pool, tmp_path, boxes)
    assert pool.retrieved == ["1.0"]
    pool.ads = []
    fetch(pool, tmp_path, boxes)
    assert boxes._fetched == set()


def test_what_fails_is_told_and_keeps_nobody_else_back(tmp_path: Path) -> None:
    pool = Pool(*(ad(number, tmp_path) for number in range(5)))
    pool.wrong = lambda job: "X:1:disk full" if job in ("1.1", "1.3") else ""
    assert fetch(pool, tmp_path) == {"fetched": 3, "more": False, "failed": [["A", "disk full"]] * 2}


def test_when_everything_fails_it_ends_early(tmp_path: Path) -> None:
    pool = Pool(*(ad(number, tmp_path) for number in range(100)))
    pool.wrong = lambda job: "disk full"
    answer = fetch(pool, tmp_path)
    assert (answer["fetched"], answer["more"], len(answer["failed"])) == (0, True, sandboxes.FAILURES)


def test_no_new_transfer_begins_after_the_time_is_up(tmp_path: Path) -> None:
    pool = Pool(ad(0, tmp_path), ad(1, tmp_path))
    assert fetch(pool, tmp_path, seconds=-1.0) == {"fetched": 0, "more": True, "failed": []}


def test_a_full_reading_may_not_be_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "MOST", 2)
    assert fetch(Pool(ad(0, tmp_path), ad(1, tmp_path)), tmp_path)["more"]


def test_a_schedd_that_is_gone_is_no_matter_of_one_job(tmp_path: Path) -> None:
    pool = Pool(ad(0, tmp_path))
    pool.wrong = lambda _: "DCSchedd::receiveJobSandbox:6001:Failed to connect to schedd"
    with pytest.raises(Unavailable, match="Failed to connect"):
        fetch(pool, tmp_path)
    assert "forgotten" in pool.asked


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "day").touch()
    (failed,) = fetch(Pool(ad(0, tmp_path / "day" / "A")), tmp_path)["failed"]
    assert "no folder for pilot logs" in failed[1]


def test_no_folder_is_made_outside_the_log_tree(tmp_path: Path) -> None:
    pool = Pool(ad(0, tmp_path / "elsewhere"))
    assert fetch(pool, tmp_path / "logs")["fetched"] == 1
    assert not (tmp_path / "elsewhere").exists()


def test_output_that_is_too_large_is_given_up_with_a_note(tmp_path: Path) -> None:
    pool = Pool(ad(0, tmp_path))
    pool.wrong = lambda _: TOO_LARGE
    assert fetch(pool, tmp_path) == {"fetched": 1, "more": False, "failed": []}
    assert pool.edits == [(["1.0"], "APF_OUTPUT", '"too large"')]
    note = "A file of this pilot is larger than 1000 bytes and was not fetched.\n"
    assert (tmp_path / "1.0.out").read_text() == note


def test_output_that_can_be_neither_fetched_nor_given_up_is_told(tmp_path: Path) -> None:
    pool = Pool(ad(0, tmp_path / "gone"))
    pool.wrong = lambda _: TOO_LARGE
    (failed,) = fetch(pool, tmp_path / "logs")["failed"]
    assert failed[1].startswith("too large, and not to be given up")


def test_files_end_at_their_limit_inside_the_block_only(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with files_up_to(10), (tmp_path / "file").open("wb", buffering=0) as file:
        assert file.write(b"x" * 20) == 10
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before


@pytest.mark.parametrize(("left", "untouched"), [([], True), ([{"ProcId": 0}], False)])
def test_jobs_whose_files_cannot_be_sent_are_removed(left: list[dict[str, Any]], untouched: bool) -> None:
    pool = Pool(*left)
    pool.schedd.spool = refuse
    with pytest.raises(
        Unavailable, match="the pilots' files could not be sent: File transfer failed"
    ) as error:
        send(pool, SimpleNamespace(cluster=lambda: 7))  # type: ignore[arg-type]
    assert error.value.untouched == untouched
    assert pool.acts == ["ClusterId == 7"]


def test_jobs_whose_files_cannot_be_sent_to_a_schedd_that_is_gone_are_uncertain() -> None:
    pool = Pool()
    pool.schedd.spool = pool.schedd.act = refuse
    with pytest.raises(Unavailable) as error:
        send(pool, SimpleNamespace(cluster=lambda: 7))  # type: ignore[arg-type]
    assert not error.value.untouched


def test_jobs_whose_files_never_came_are_swept_away() -> None:
    pool = Pool({"ProcId": 0}, {"ProcId": 1})
    assert Sandboxes(pool).sweep("F", 180.0) == {"removed": 2}  # type: ignore[arg-type]
    stranded = "(F) && JobStatus == 5 && HoldReasonCode =?= 16 && time() - EnteredCurrentStatus > 180"
    assert pool.acts == [stranded]
    pool.ads = []
    assert Sandboxes(pool).sweep("F", 180.0) == {"removed": 0}  # type: ignore[arg-type]
    assert len(pool.acts) == 1


def test_a_schedd_that_sweeps_nothing_is_unavailable() -> None:
    pool = Pool({"ProcId": 0})
    pool.schedd.act = refuse
    with pytest.raises(Unavailable, match="File transfer failed"):
        Sandboxes(pool).sweep("F", 180.0)  # type: ignore[arg-type]


def refuse(*_: object) -> None:
    raise htcondor2.HTCondorException(CUT_OFF)
