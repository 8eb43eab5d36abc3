"""Monitor `log`: a line for every event that a person may act on; what happens every cycle is silent."""

import logging
import re
from dataclasses import dataclass
from typing import ClassVar

from autopyfactory.errors import given_up
from autopyfactory.model import Decision, Place, Report, SiteStatus
from autopyfactory.options import Options
from autopyfactory.render import effective, headline

log = logging.getLogger(__name__)
KNOWN = 20_000  # queues that are remembered
NUMBER = re.compile(r"\d+(\.\d+)?")  # what differs from cycle to cycle in words that mean the same


@dataclass(slots=True)
class Past:
    """What was last said of a queue."""

    error: str = ""
    cut: str = ""
    status: SiteStatus | None = None
    failures: int = 0
    held: int = 0
    troubles: frozenset[str] = frozenset()


class LogMonitor:
    """Tells what was done; each error, cut, trouble, status of a site and hold once, until it changes."""

    options: ClassVar[type[Options]] = Options
    lull: ClassVar[float] = 1.0  # seconds: to wake for a few reports costs more than to read them

    def __init__(self, options: Options, place: Place) -> None:  # noqa: ARG002  # every plug-in is made so
        self._pasts: dict[str, Past] = {}

    def record(self, report: Report) -> None:
        """Say what is new in this report."""
        past = self._remember(report.queue)
        self._status(report, past)
        self._held(report, past)
        self._trouble(report, past)
        if report.error is not None:
            self._failed(report, past)
            return
        self._recovered(report, past)
        cut = cut_by_guard(report.decision)
        news = cut != past.cut and bool(cut)
        past.cut = cut
        tell(logging.INFO if acted(report) or news else logging.DEBUG, report)

    def _remember(self, queue: str) -> Past:
        """The past of a queue, the last one seen; queues that were not seen for long are forgotten."""
        past = self._pasts.pop(queue, None) or Past()
        self._pasts[queue] = past
        if len(self._pasts) > KNOWN:
            del self._pasts[next(iter(self._pasts))]
        return past

    def _failed(self, report: Report, past: Past) -> None:
        if given_up(report.error) and not acted(report):
            tell(logging.DEBUG, report)
            return
        past.failures += 1
        error = NUMBER.sub("#", str(report.error))
        news = error != past.error or acted(report)
        past.error = error
        tell(logging.WARNING if news else logging.DEBUG, report)

    def _recovered(self, report: Report, past: Past) -> None:
        if past.failures:
            cycles = "cycle" if past.failures == 1 else "cycles"
            log.info("%s: works again after %d failed %s", report.queue, past.failures, cycles)
        past.failures, past.error = 0, ""

    def _status(self, report: Report, past: Past) -> None:
        status = report.seen.demand.status if report.seen is not None else None
        if status is None or status is past.status:
            return
        if past.status is not None:
            log.info("%s: the site was %s and is %s now", report.queue, past.status.value, status.value)
        past.status = status

    def _held(self, report: Report, past: Past) -> None:
        if report.seen is None:
            return
        held = report.seen.supply.held
        if held and not past.held:
            pilots = "pilot is" if held == 1 else "pilots are"
            hint = "" if report.seen.supply.troubles else "; ask there for the reason"
            log.warning("%s: %d %s held at %s%s", report.queue, held, pilots, report.target, hint)
        if past.held and not held:
            log.info("%s: no pilot is held any more", report.queue)
        past.held = held

    def _trouble(self, report: Report, past: Past) -> None:
        if report.seen is None or not (report.seen.supply.troubles or past.troubles):
            return
        troubles = {NUMBER.sub("#", trouble): trouble for trouble in report.seen.supply.troubles}
        for shape, trouble in troubles.items():
            if shape not in past.troubles:
                log.warning("%s: trouble at %s: %s", report.queue, report.target, trouble)
        past.troubles = past.troubles | troubles.keys() if troubles else frozenset()


def tell(level: int, report: Report) -> None:
    """One line for the cycle; nothing is put into words that nobody reads."""
    if log.isEnabledFor(level):
        log.log(level, "%s: %s", report.queue, headline(report))


def acted(report: Report) -> bool:
    """Whether anything was done, or may have been."""
    outcome = report.outcome
    return outcome is not None and bool(outcome.submitted or outcome.retired or outcome.uncertain)


def cut_by_guard(decision: Decision | None) -> str:
    """The guard's reason, without its numbers; empty when it cut nothing."""
    if decision is None or not any(isinstance(rule, str) for rule, _ in decision.steps):
        return ""  # no sentence, only policies: the usual case, and not worth putting into words
    cuts = [change.rule for change in effective(decision) if change.rule.startswith("guard:")]
    return NUMBER.sub("#", cuts[-1]) if cuts else ""
