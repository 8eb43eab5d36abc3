"""Assemble configurations that a test writes as text."""

import textwrap
import time
import tomllib
from pathlib import Path

from autopyfactory.app.assembly.assemble import Assembly, assemble
from autopyfactory.app.assembly.problems import Findings
from autopyfactory.configuration import Configuration
from autopyfactory.fleet import Fleet
from autopyfactory.ledger import Ledger
from autopyfactory.plan import Plan
from autopyfactory.sections import Process

PROCESS = Process(clock=time.monotonic, fleet=Fleet(), ledger=Ledger())
FOLDER = Path("/site")
HEAD = """
[factory]
id = "here"
state = "state"

[source.jobs]
kind = "local"

[target.ce01]
kind = "local"

[defaults]
source = "jobs"
target = "ce01"
policies = [{ kind = "ready" }, { kind = "max_pending", limit = 10 }]
"""


def configure(*texts: str) -> Configuration:
    """A configuration of files called site.toml, 1.toml, 2.toml, ..."""
    names = ["site.toml", *(f"{number}.toml" for number in range(1, len(texts)))]
    parts = [(name, tomllib.loads(textwrap.dedent(text))) for name, text in zip(names, texts, strict=True)]
    return Configuration.join(parts, name="site.toml", folder=FOLDER)


def build(*texts: str, previous: Plan | None = None) -> Assembly:
    """What comes of it."""
    return assemble(configure(*texts), PROCESS, previous)


def with_head(text: str, previous: Plan | None = None) -> Assembly:
    """What comes of a configuration whose sections and defaults are right."""
    return build(HEAD + textwrap.dedent(text), previous=previous)


def planned(assembly: Assembly) -> Plan:
    """The plan of a configuration without a problem."""
    assert lines(assembly) == []
    assert assembly.plan is not None
    return assembly.plan


def lines(assembly: Assembly) -> list[str]:
    """The problems as operators read them, without the name of the only file."""
    return [str(problem).removeprefix("site.toml: ") for problem in assembly.problems]


def failures(assembly: Assembly) -> dict[str, tuple[str, ...]]:
    """What keeps each wrong queue out of the plan."""
    assert assembly.plan is not None
    wrong = assembly.plan.failed.items()
    return {name: tuple(str(problem) for problem in queue.problems) for name, queue in wrong}


def findings(text: str) -> Findings:
    """An empty list of findings over a configuration."""
    return Findings(configure(text))


def written(found: Findings) -> list[str]:
    """The findings as operators read them."""
    return [str(problem).removeprefix("site.toml: ") for problem in found]
