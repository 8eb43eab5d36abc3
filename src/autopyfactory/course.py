"""The course of a cycle: how far it came, until its report is made."""

from dataclasses import dataclass, replace

from autopyfactory.model import Decision, Observation, Outcome, Report
from autopyfactory.view import GuardView


@dataclass(slots=True)
class Course:
    """The parts that the report will have.  It is made once, in the end: to make a fact costs time."""

    begun: Report
    seen: Observation | None = None
    decision: Decision | None = None
    shadow: Decision | None = None
    guard: GuardView | None = None
    outcome: Outcome | None = None
    error: Exception | None = None
    acted: float | None = None

    def end(self, now: float) -> Report:
        """The report of the cycle that ends now."""
        return replace(
            self.begun,
            seen=self.seen,
            decision=self.decision,
            shadow=self.shadow,
            guard=self.guard,
            outcome=self.outcome,
            error=self.error,
            acted=self.begun.acted if self.acted is None else self.acted,
            seconds=now - self.begun.began,
        )
