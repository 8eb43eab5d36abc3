"""The section `[factory]`: its settings, with all folders known."""

from collections.abc import Mapping
from pathlib import Path

from autopyfactory.app import words
from autopyfactory.app.problems import Findings
from autopyfactory.app.state import default_folder
from autopyfactory.app.validation import Complaint, check
from autopyfactory.plan import FactorySettings

SECTION = ("factory",)
STREAMS = ("stderr", "journal")


def read_settings(findings: Findings) -> FactorySettings | None:
    """The settings with `state`, `logs` and `log` as whole paths; None if anything is wrong."""
    configuration = findings.configuration
    table = configuration.get("factory")
    if not isinstance(table, Mapping):
        wrong = (
            "must be a table" if table is not None else "is missing; begin with [factory] and id = 'my-site'"
        )
        findings.add(SECTION, (), wrong)
        return None
    folder = configuration.folder
    checked = check(FactorySettings, table, folder)
    complaints = list(checked.complaints)
    if not complaints:
        complaints = check_log(checked.value.log)
    for complaint in complaints:
        findings.add(SECTION, complaint.path, complaint.text)
    return None if complaints else complete(checked.value, folder)


def check_log(log: str) -> list[Complaint]:
    """A misspelt 'stderr' makes no file."""
    if log in STREAMS or "/" in log:
        return []
    return [Complaint(("log",), f"no log '{log}'; {words.missed(log, STREAMS)} A file is written './{log}'")]


def complete(settings: FactorySettings, folder: Path | None) -> FactorySettings:
    """The settings with what they leave out."""
    state = settings.state or default_folder(settings.id)
    log = settings.log
    if log not in STREAMS:
        path = Path(log).expanduser()
        log = str(path if folder is None else folder / path)
    logs = settings.logs or state / "logs"
    return settings.model_copy(update={"state": state, "logs": logs, "log": log})
