"""The course of a cycle: how far it came, until its report is made."""

from dataclasses import dataclass

from autopyfactory.model import Decision, Observation, Outcome, Report
from autopyfactory.view import GuardView


@dataclass(slots=True, kw_only=True)
class Course:
    """The parts that the report will have.  It is made once, in the end: to make a fact costs time."""

    queue: str
    source: str
    target: str
    number: int
    wall: float
    began: float
    acted: float  # when the last act of the queue ended
    definition: str
    seen: Observation | None = None
    decision: Decision | None = None
    shadow: Decision | None = None
    guard: GuardView | None = None
    outcome: Outcome | None = None
    error: Exception | None = None

    def end(self, now: float) -> Report:
        """The report of the cycle that ends now."""
        return Report(
            queue=self.queue,
            source=self.source,
            target=self.target,
            number=self.number,
            wall=self.wall,
            began=self.began,
            seconds=now - self.began,
            seen=self.seen,
            decision=self.decision,
            shadow=self.shadow,
            guard=self.guard,
            outcome=self.outcome,
            error=self.error,
            acted=self.acted,
            definition=self.definition,
        )
