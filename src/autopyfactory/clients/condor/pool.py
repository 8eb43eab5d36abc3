"""A pool as the child sees it: the schedd, found through its collector, and errors in plain words."""

import contextlib
import re
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

import classad2
import htcondor2

from autopyfactory.errors import Unavailable

PORT = 9618
CLOCK_AGE = 60.0  # seconds for which two clocks keep their distance
PATIENCE = 3.0  # seconds to find out why a collector does not answer
LOCAL = "locate local daemon"  # what the bindings cannot do when the machine's own schedd is gone
NUMBER = r"(?:::[A-Za-z_]+)?:-?\d+:"  # what names of errors end with: 'CEDAR:6001:', 'DCSchedd::spool:1:'
NEXT = re.compile(rf"\|(?=[A-Za-z_]+{NUMBER})")  # between two errors; other bars belong to their words
CODE = re.compile(rf"^[^:]*{NUMBER}")


class Pool:
    """One schedd.  It is located once, and again after every failure."""

    def __init__(self, identity: Mapping[str, Any]) -> None:
        self.collector: str = identity["collector"]
        self.name: str = identity["schedd"]
        self.version = ""
        self._schedd: htcondor2.Schedd | None = None
        self._clock_read = float("-inf")
        self._clock_offset = 0.0
        for key, value in identity["settings"]:
            htcondor2.param[key] = value

    @property
    def schedd(self) -> Any:
        """The schedd.  Raises `Unavailable` (untouched) when it cannot be found."""
        if self._schedd is None:
            found = self._locate()
            self.version = found["CondorVersion"]
            self._schedd = htcondor2.Schedd(found)
        return self._schedd

    def forget(self) -> None:
        """Locate the schedd anew at the next call, and ask it for the time: it may have moved."""
        self._schedd = None
        self._clock_read = float("-inf")

    def query(self, constraint: str, attributes: Sequence[str], *, limit: int = -1, how: int = 0) -> Any:
        """The job ads that the schedd returns.  Raises `Unavailable` when it does not answer in full."""
        options = htcondor2.QueryOpt(how)
        try:
            return self.schedd.query(constraint, list(attributes), limit=limit, opts=options)
        except htcondor2.HTCondorException as error:
            self.forget()
            raise Unavailable(sentence(error)) from error

    def group(self, constraint: str, attributes: Sequence[str], *, limit: int) -> Any:
        """The distinct values of `attributes`, as ads with a `JobCount`.

        The schedd sees in `constraint` only what is grouped by; all else is undefined there.  No ad at all
        is believed only when the schedd counts no job either: an answer that was lost looks the same.
        """
        ads = self.query(constraint, attributes, limit=limit, how=htcondor2.QueryOpt.GroupBy)
        if not ads:
            self._confirm_none(constraint)
        return ads

    def clock(self) -> float:
        """The schedd's clock, seconds since the epoch; ours when it has no job to say it."""
        now = time.monotonic()
        if now - self._clock_read > CLOCK_AGE:
            ads = self.query("true", ["ServerTime"], limit=1)
            said = int(ads[0].get("ServerTime", time.time())) if ads else time.time()
            self._clock_read = now = time.monotonic()
            self._clock_offset = said - now
        return now + self._clock_offset

    def _confirm_none(self, constraint: str) -> None:
        summary = self.query(constraint, ["ProcId"], how=htcondor2.QueryOpt.SummaryOnly)
        if not summary:
            raise Unavailable("the schedd answers a query with nothing, not even with a count of 0")
        if jobs := summary[0].get("Jobs", 0):
            raise Unavailable(f"the schedd shows no job and counts {jobs}")

    def _locate(self) -> classad2.ClassAd:
        try:
            collector = htcondor2.Collector(self.collector or None)
            if self.name:
                found = collector.locate(htcondor2.DaemonType.Schedd, self.name)
                return found if found is not None else self._not_found(collector)
            if self.collector:
                return self._only_one(collector)
            found = collector.locate(htcondor2.DaemonType.Schedd)
        except (htcondor2.HTCondorException, ValueError) as error:
            raise Unavailable(self._why(error), untouched=True) from error
        if found is None:
            raise Unavailable("no schedd on this machine; name one: schedd = '...'", untouched=True)
        return found

    def _not_found(self, collector: Any) -> classad2.ClassAd:
        known = self._known(collector)
        raise Unavailable(f"schedd = {self.name!r}: {known}", untouched=True)

    def _only_one(self, collector: Any) -> classad2.ClassAd:
        ads = collector.locateAll(htcondor2.DaemonType.Schedd)
        if len(ads) != 1:
            raise Unavailable(f"name the schedd, schedd = '...': {self._known(collector)}", untouched=True)
        return ads[0]

    def _known(self, collector: Any) -> str:
        names = sorted(str(ad["Name"]) for ad in collector.locateAll(htcondor2.DaemonType.Schedd))
        where = f"collector {self.collector}" if self.collector else "the collector of CONDOR_CONFIG"
        return f"{where} knows {', '.join(names[:20]) or 'no schedd at all'}"

    def _why(self, error: Exception) -> str:
        """Why the collector gave no answer: the bindings do not say it."""
        address = self.collector
        if not address:
            with contextlib.suppress(KeyError):
                address = htcondor2.param["COLLECTOR_HOST"]
        if not address:
            return (
                "no collector: write collector = '...', or config = the path of a condor_config that names it"
            )
        named = "the collector" if self.collector else f"collector {address}"  # ours the caller names
        host, _, port = address.split(",")[0].strip(" <>").split("?")[0].partition(":")
        try:
            socket.create_connection((host, int(port or PORT)), PATIENCE).close()
        except (OSError, ValueError) as reason:
            words = reason.strerror if isinstance(reason, OSError) and reason.strerror else reason
            return f"{named} does not answer: {words}"
        if LOCAL in str(error):
            return f"no schedd runs on this machine (collector {address} does); start it, or name another"
        return f"{named} does not accept us ({sentence(error)}): check the security settings"


def sentence(error: Exception) -> str:
    """What an error of the bindings says, without the codes: 'CEDAR:6001:Failed to ...|FS:1004:...'."""
    before, mark, after = str(error).partition("errmsg=")
    text = after if mark else before
    words = "; ".join(CODE.sub("", part) for part in NEXT.split(text.strip()))
    return " ".join(words.split()) or "it broke off without a reason"
