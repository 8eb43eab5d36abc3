"""The files of spooled jobs: sent when they are submitted, fetched when they have ended."""

import random
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import htcondor2

from autopyfactory.clients.condor.history import identifier
from autopyfactory.clients.condor.log_folder import make_folder
from autopyfactory.clients.condor.pool import Pool, sentence
from autopyfactory.clients.condor.spool import AGE, HOLD_REASON, OUTPUT, SPOOLING, UNFETCHED
from autopyfactory.errors import Unavailable

COMPLETED = f"JobStatus == 4 && StageInFinish isnt undefined && {UNFETCHED}"
MOST = 200  # jobs of one reading
FAILURES = 20  # after which a fetch ends: it is no matter of single jobs then
FOLDER = "SUBMIT_Iwd"  # the folder on our side
TOO_LARGE = "errno 27"  # of a file that grew beyond our limit


def send(pool: Pool, result: Any) -> None:
    """Send the files of jobs just submitted; nothing of them is left when that fails.

    Raises `Unavailable`, untouched if the jobs are surely gone.
    """
    try:
        pool.schedd.spool(result)
    except htcondor2.HTCondorException as error:
        reason = f"the pilots' files could not be sent: {sentence(error)}"
        raise Unavailable(reason, untouched=undo(pool, result.cluster())) from error


def undo(pool: Pool, cluster: int) -> bool:
    """Remove the jobs of a cluster that have not begun; whether they are surely gone."""
    pool.forget()
    reason = ("the files of the job could not be sent", None)
    try:
        pool.schedd.act(htcondor2.JobAction.Remove, f"ClusterId == {cluster}", reason)
        return not pool.query(f"ClusterId == {cluster} && JobStatus != 3", ["ProcId"], limit=1)
    except (htcondor2.HTCondorException, Unavailable):
        return False


class Sandboxes:
    """Output of completed jobs, fetched to where the jobs were submitted from."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._fetched: set[str] = set()  # the schedd notes it a moment later than we

    def fetch(self, where: str, key: str, root: str, largest: int, seconds: float) -> dict[str, Any]:
        """Fetch for about `seconds` the output of completed jobs that fulfil `where`.

        The files lie below `root` and are of `largest` bytes at most; the output of a job that has a
        larger one is given up, and its standard output says so.  `failed` are `[key, reason]`.  The
        order is random, so that a transfer that hangs does not keep the same others back every time.
        """
        deadline = time.monotonic() + seconds
        ads = self._pool.query(f"({where}) && {COMPLETED}", ["ClusterId", "ProcId", key, FOLDER], limit=MOST)
        self._fetched &= {identifier(ad) for ad in ads}
        waiting = [ad for ad in ads if identifier(ad) not in self._fetched]
        random.shuffle(waiting)
        fetched, failed = 0, list[list[str]]()
        for ad in waiting:
            if time.monotonic() > deadline or len(failed) >= FAILURES:
                break
            if reason := self._fetch(ad, Path(root), largest):
                failed.append([str(ad.get(key, "")), reason])
            else:
                fetched += 1
        return {
            "fetched": fetched,
            "more": fetched + len(failed) < len(waiting) or len(ads) == MOST,
            "failed": failed,
        }

    def sweep(self, where: str, age: float) -> dict[str, int]:
        """Remove jobs that have waited for their files for more than `age` seconds: the sender is dead.

        The schedd spares them `periodic_remove`; it removes them by itself after twelve hours.
        """
        stranded = f"({where}) && JobStatus == 5 && {HOLD_REASON} =?= {SPOOLING} && {AGE} > {int(age)}"
        if not self._pool.query(stranded, ["ProcId"], limit=1):
            return {"removed": 0}
        reason = ("its files never arrived", None)
        try:
            done = self._pool.schedd.act(htcondor2.JobAction.Remove, stranded, reason)
        except htcondor2.HTCondorException as error:
            self._pool.forget()
            raise Unavailable(sentence(error)) from error
        return {"removed": done["TotalSuccess"]}

    def _fetch(self, ad: Any, root: Path, largest: int) -> str:
        """Fetch one job's files; why it failed, else empty."""
        folder = Path(str(ad.get(FOLDER, "")))
        try:
            if folder.is_relative_to(root):
                make_folder(root, str(folder))
        except Unavailable as error:
            return str(error)
        try:
            with files_up_to(largest):
                self._pool.schedd.retrieve([identifier(ad)])
        except htcondor2.HTCondorException as error:
            reason = sentence(error)
            if reason.startswith("Failed to connect"):
                self._pool.forget()
                raise Unavailable(reason) from error
            if TOO_LARGE not in reason:
                return reason
            return self._give_up(ad, folder, largest)
        self._fetched.add(identifier(ad))
        return ""

    def _give_up(self, ad: Any, folder: Path, largest: int) -> str:
        """Let a job go without all of its output, and leave a note."""
        try:
            with (folder / f"{identifier(ad)}.out").open("a", encoding="utf-8") as output:
                output.write(f"A file of this pilot is larger than {largest} bytes and was not fetched.\n")
            self._pool.schedd.edit([identifier(ad)], OUTPUT, '"too large"')
        except (OSError, htcondor2.HTCondorException) as error:
            return f"too large, and not to be given up: {error}"
        self._fetched.add(identifier(ad))
        return ""


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file that is written inside the block grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
