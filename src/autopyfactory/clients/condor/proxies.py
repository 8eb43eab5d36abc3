"""X.509 proxies of spooled jobs: when the file here is renewed, the schedd gets the new one for each job."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import htcondor2

from autopyfactory.clients.condor.history import identifier
from autopyfactory.clients.condor.pool import Pool, sentence
from autopyfactory.clients.condor.words import string
from autopyfactory.errors import Unavailable

FILE = "SUBMIT_x509userproxy"  # the file on our side
RENEWED = "APF_PROXY"  # when the file that the job has now was written, by our clock
MOST = 1000  # jobs of one reading
FILES = 1000  # different files of one reading
WAITS_OR_RUNS = "(JobStatus == 1 || JobStatus == 2 || JobStatus == 5) && StageInFinish isnt undefined"
WHOLE = 0  # seconds of life: as long as ours


class Proxies:
    """Those of the jobs of one schedd."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def refresh(self, where: str, attributes: Sequence[str], seconds: float) -> dict[str, Any]:
        """Take renewed files to jobs that fulfil `where`, for about `seconds`, the oldest jobs first.

        `attributes` are those that `where` names.  `failed` is the last reason for which one was not taken.
        """
        deadline = time.monotonic() + seconds
        refreshed, failed = 0, ""
        for ad in self._pool.group(where, [*attributes, FILE], limit=FILES):
            path = Path(str(ad.get(FILE, "")))
            if not path.is_absolute():
                continue  # jobs without a proxy
            try:
                written = int(path.stat().st_mtime)
            except OSError as error:
                failed = str(error)
                continue
            done, words = self._take(path, written, where, deadline)
            refreshed, failed = refreshed + done, words or failed
        return {"refreshed": refreshed, "failed": failed}

    def _take(self, path: Path, written: int, where: str, deadline: float) -> tuple[int, str]:
        """Take one file to the jobs that have an older one; how many got it, and why another did not."""
        older = f"{FILE} == {string(str(path))} && ({RENEWED} ?: (QDate - 1)) < {written}"  # QDate: our clock
        ads = self._pool.query(
            f"({where}) && {WAITS_OR_RUNS} && {older}", ["ClusterId", "ProcId"], limit=MOST
        )
        done: list[str] = []
        words = ""
        for ad in ads:
            if time.monotonic() > deadline:
                break
            try:
                self._pool.schedd.refreshGSIProxy(ad["ClusterId"], ad["ProcId"], str(path), WHOLE)
            except htcondor2.HTCondorException as error:
                words = sentence(error)
            else:
                done.append(identifier(ad))
        self._note(done, written)
        return len(done), words

    def _note(self, jobs: Sequence[str], written: int) -> None:
        if not jobs:
            return
        try:
            self._pool.schedd.edit(list(jobs), RENEWED, str(written))
        except htcondor2.HTCondorException as error:
            self._pool.forget()
            raise Unavailable(sentence(error)) from error
