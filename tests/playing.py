"""Scenarios as tests play them: every report is kept, and the closed-loop properties are questions."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autopyfactory.app.simulation.clock import START
from autopyfactory.app.simulation.play import Play, Result
from autopyfactory.app.simulation.scenario import Scenario, read
from autopyfactory.cycle import Queue
from autopyfactory.model import Report
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.max_per_cycle import MaxPerCycle


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played to its end."""

    scenario: Scenario
    play: Play
    result: Result
    reports: tuple[Report, ...]

    @property
    def queues(self) -> dict[str, Queue]:
        return dict(self.play.stage.plan.queues)

    def outages(self, queue: Queue) -> Iterator[tuple[float, float, float]]:
        """Begin and end of each outage of source or target, and how long a reading may serve on."""
        nature, until = self.play.stage.nature, self.scenario.settings.duration.total_seconds()
        site = nature.sites[self.play.stage.place(queue)]
        for outage in site.outages:
            yield from ((begin, end, 0.0) for begin, end in outage.spans(until))
        system = nature.systems.get(queue.source.name)
        age = min(queue.source.options.max_age.total_seconds(), queue.interval)
        for outage in system.outages if system else ():
            yield from ((begin, end, age) for begin, end in outage.spans(until))

    def pilots(self, queue: str, since: float) -> list[int]:
        """How many pilots a queue had, cycle by cycle, from so many seconds after the start."""
        mine = (report for report in self.reports if report.queue == queue and report.began - START >= since)
        return [report.seen.supply.pilots for report in mine if report.seen is not None]


def play(scenario: Scenario) -> Played:
    """Play it."""
    reports: list[Report] = []
    performance = scenario.play()
    result = performance.run(scenario.settings.duration.total_seconds(), listen=reports.append)
    return Played(scenario, performance, result, tuple(reports))


def play_text(folder: Path, text: str) -> Played:
    """Play what stands in a file."""
    path = folder / "scenario.toml"
    path.write_text(text)
    return play(read(path))


def limits(queue: Queue) -> tuple[float, float]:
    """The most that one cycle may start, and that may wait."""
    cycle = [policy.limit for policy in queue.policies if isinstance(policy, MaxPerCycle)]
    pending = [policy.limit for policy in queue.policies if isinstance(policy, MaxPending)]
    return min(cycle, default=float("inf")), min(pending, default=float("inf"))


def broken_caps(played: Played) -> list[str]:
    """Cycles that started more than their caps allow, and queues of which more waited."""
    found = []
    for report in played.reports:
        per_cycle, pending = limits(played.queues[report.queue])
        started = len(report.outcome.submitted) + report.outcome.uncertain if report.outcome else 0
        there = report.seen.supply.pending if report.seen else 0
        if started > per_cycle or (
            report.decision and report.decision.count > 0 and there + started > pending
        ):
            found.append(f"{report.queue} started {started} beside {there} at {report.began - START:.0f} s")
    for name, measures in played.result.queues.items():
        if measures.peak_pending > limits(played.queues[name])[1]:
            found.append(f"{name}: {measures.peak_pending} waited")
    for name, section in played.play.stage.plan.targets.items():
        most = section.options.guard.max_pilots
        if most is not None and played.result.total.peak_pilots > most:
            found.append(f"{name}: {played.result.total.peak_pilots} pilots")
    return found


def acts_in_outages(played: Played, *, started: bool = True) -> list[str]:
    """Cycles in an outage of their source or target that touched a pilot, or took one away."""
    spans = {name: list(played.outages(queue)) for name, queue in played.queues.items()}
    return [
        f"{report.queue} acted at {report.began - START:.0f} s: {report.outcome}"
        for report in played.reports
        if report.outcome is not None
        and ((started and report.outcome.submitted) or report.outcome.retired)
        and any(begin + age < report.began - START < end for begin, end, age in spans[report.queue])
    ]


def lost_jobs(played: Played) -> list[str]:
    """Works whose jobs are not all somewhere."""
    return [
        f"{name}: {jobs.arrived} came, {jobs.ready} + {jobs.running} + {jobs.finished} are there"
        for name, jobs in played.play.stage.jobs.items()
        if jobs.arrived != jobs.ready + jobs.running + jobs.finished
    ]
