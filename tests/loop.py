"""The whole loop: PanDA's jobs make pilots in a pool, the pilots take them, and then it is quiet."""

import argparse
import json
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

import issuer
from account import in_words, sum_up, wrongs
from autopyfactory.testing import until
from daemons import daemon, status
from panda import Panda
from pools import TESTBED, Pool, give, open_home

EXAMPLE = Path(__file__).parents[1] / "examples" / "panda" / "factory.toml"
FACTORY = tomllib.loads(EXAMPLE.read_text())["factory"]["id"]
TYPES = {"SCORE": 1, "MCORE": 4}  # and the cores of such a job
SITES = ("NORTH", "SOUTH")
ASIDE = "EAST"  # has a job that nobody may fetch yet
JOBS = 15  # of each type at each site
ALL = JOBS * len(TYPES) * len(SITES)
PACE = 1.0  # seconds between two looks
LINE = 5.0  # seconds between two lines of the timeline
LONG = 240.0  # seconds that no stretch of it takes
QUIET = 5  # cycles in which nothing may happen any more
STATES = """select computingsite, jobstatus, count(*) from
    (select computingsite, jobstatus from doma_panda.jobsdefined4
     union all select computingsite, jobstatus from doma_panda.jobsactive4
     union all select computingsite, jobstatus from doma_panda.jobsarchived4) as jobs group by 1, 2"""
TITLE = "   s  activated running finished   pilots: waiting running"


@dataclass(frozen=True, slots=True)
class Moment:
    """What is so now, told by the server's own database and by the schedd."""

    jobs: Mapping[tuple[str, str], int]  # by site and state; empty while the server is away
    pilots: Mapping[int, int]  # by HTCondor's JobStatus

    def count(self, state: str) -> int:
        """Jobs of this state at the sites that are served."""
        return sum(self.jobs.get((site, state), 0) for site in SITES)

    @property
    def finished(self) -> int:
        """Jobs that are done."""
        return self.count("finished")

    @property
    def is_over(self) -> bool:
        """No job is left to do, and no pilot."""
        return self.finished == ALL and not sum(self.pilots.values())

    def line(self) -> str:
        """As the timeline has it."""
        jobs = (self.count("activated"), self.count("sent") + self.count("running"), self.finished)
        shown = jobs if self.jobs else ("-", "-", "-")
        return "{:>11} {:>7} {:>8} {:17} {:7}".format(*shown, self.pilots.get(1, 0), self.pilots.get(2, 0))


class Loop:
    """One run of it; `tell` gets the timeline, line by line."""

    def __init__(self, panda: Panda, pool: Pool, home: Path, tell: Callable[[str], None]) -> None:
        self.panda, self.pool = panda, pool
        self.config = home / "factory.toml"
        self._tell = tell
        self._began = self._told = 0.0

    def run(self, outage: float) -> dict[str, Any]:
        """Run it with a server that is away for so many seconds in the middle; what came of it."""
        self.prepare()
        self._began = time.monotonic()
        self._tell(TITLE)
        with daemon(self.config) as process:
            self._follow("a quarter of the jobs is done", lambda now: now.finished >= ALL // 4)
            away = self._be_away(outage)
            self._follow("all jobs are done, and all pilots gone", lambda now: now.is_over)
            seconds = round(time.monotonic() - self._began, 1)
            self._stay_quiet()
            last = self._look()
            stop(process)
        jobs = {"jobs": ALL, "finished": last.finished, "aside": last.jobs.get((ASIDE, "assigned"), 0)}
        return {**jobs, **sum_up(self.config, self.pool, away), "seconds": seconds}

    def prepare(self) -> None:
        """Put the jobs in, and write the configuration and a token."""
        self.panda.jobs("clear")
        for site in (*SITES, ASIDE):
            self.panda.jobs("queue", site)
        for site in SITES:
            for kind, cores in TYPES.items():
                self.panda.jobs("add", site, str(JOBS), f"type={kind}", f"cores={cores}")
        self.panda.jobs("add", ASIDE, "1", "status=assigned")
        token = self.config.parent / "token"
        give(issuer.keep(token, self.panda.token().encode()), self.panda.proxy.stat().st_uid)
        words = {"url": self.panda.url, "panda": self.panda.folder, "token": token}
        words |= {"pool": self.pool.config, "pilot": TESTBED / "panda-pilot"}
        self.config.write_text(Template(EXAMPLE.read_text()).substitute(words))
        shutil.copy(EXAMPLE.with_name("catalogue.json"), self.config.parent)

    def _be_away(self, seconds: float) -> tuple[float, float]:
        """Stop the server, and start it again; the moments between which it surely was not there."""
        self._tell("   the server is stopped")
        self.panda.halt()
        gone = time.time()
        until(self._look_aside, seconds, PACE)
        back = time.time()
        self.panda.start()
        self._tell(f"   the server is back after {back - gone:.0f} s")
        return gone, back

    def _follow(self, what: str, question: Callable[[Moment], bool]) -> None:
        """Look until it is so, and tell what is seen."""
        moments: list[Moment] = []

        def ask() -> bool:
            moments.append(self._look())
            return question(moments[-1])

        assert until(ask, LONG, PACE), f"not so: {what}; {moments[-1]}; {status(self.config)}"
        self._told = 0.0
        self._line(moments[-1])

    def _look(self) -> Moment:
        rows = [line.split("|") for line in self.panda.jobs("sql", STATES).splitlines()]
        now = Moment({(site, state): int(count) for site, state, count in rows}, self._pilots())
        self._line(now)
        return now

    def _look_aside(self) -> bool:
        """Look at the pilots alone; that is never all."""
        self._line(Moment({}, self._pilots()))
        return False

    def _pilots(self) -> Counter[int]:
        ads = self.pool.jobs(f'APF_FACTORY == "{FACTORY}"', "JobStatus")
        return Counter(ad["JobStatus"] for ad in ads)

    def _line(self, now: Moment) -> None:
        """One line every few seconds."""
        seconds = time.monotonic() - self._began
        if seconds - self._told >= LINE or not self._told:
            self._told = seconds
            self._tell(f"{seconds:4.0f} {now.line()}")

    def _stay_quiet(self) -> None:
        """Let every queue have five more cycles."""
        before = cycles(self.config)
        assert until(lambda: cycles(self.config) > before + QUIET, 120, PACE), "the factory stands still"


def cycles(config: Path) -> int:
    """How many cycles every queue has had."""
    return min(((queue["report"] or {"cycle": 0})["cycle"] for queue in status(config).values()), default=0)


def stop(process: subprocess.Popen[str]) -> None:
    """End a daemon as an operator does."""
    process.terminate()
    assert process.wait(60) == 0, "the factory did not end well"


def main() -> int:
    """`run [--json] [--outage SECONDS]`: bring all up, run it, and say what came of it."""
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.add_argument("--outage", type=float, default=120, help="seconds without the server [120]")
    options = parser.parse_args()
    timeline = partial(print, file=sys.stderr if options.json else sys.stdout, flush=True)
    with ExitStack() as stack:
        home, panda, pool = stack.enter_context(open_home()), Panda(), Pool("pool")
        for service in (panda, pool):
            stack.callback(service.stop)
            service.start()
        timeline(f"look at it from elsewhere: apf status {home}/factory.toml")
        found = Loop(panda, pool, home, timeline).run(options.outage)
    wrong = wrongs(found)
    print(json.dumps(found) if options.json else in_words(found))
    print("".join(f"{sentence}\n" for sentence in wrong), end="", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
