"""The section `[factory]`: its settings, with all folders known."""

from collections.abc import Mapping
from pathlib import Path

from autopyfactory.app.assembly import words
from autopyfactory.app.assembly.problems import Findings
from autopyfactory.app.assembly.validation import Checked, Complaint, check
from autopyfactory.app.state import default_folder
from autopyfactory.options import Location, Options
from autopyfactory.plan import FactorySettings

SECTION = ("factory",)
STREAMS = ("stderr", "journal")


def read_settings(findings: Findings) -> FactorySettings | None:
    """The settings with `state`, `logs` and `log` as whole paths; None if anything is wrong."""
    table = findings.configuration.get("factory")
    if not isinstance(table, Mapping):
        missing = "is missing; begin with [factory] and id = 'my-site'"
        findings.add(SECTION, (), missing if table is None else f"must be a table; found {words.show(table)}")
        return None
    folder = findings.configuration.folder
    checked = check(FactorySettings, table, folder)
    log = find_log(checked.value.log, folder) if checked.value else Checked()
    for complaint in (*checked.complaints, *log.complaints):
        findings.add(SECTION, complaint.path, complaint.text)
    if not checked.value or not log.value:
        return None
    try:
        return complete(checked.value, log.value)
    except RuntimeError:  # the user has no home folder, as in some containers
        findings.add(
            SECTION, ("state",), "is missing, and there is no home folder to keep it in; name a folder"
        )
        return None


class LogFile(Options):
    """The file that `log` names."""

    log: Location


def find_log(log: str, folder: Path | None) -> Checked:
    """Where the log goes, a file as a whole path; a misspelt 'stderr' makes no file."""
    if log in STREAMS:
        return Checked(value=log)
    if "/" not in log:
        text = f"no log '{log}': a file is written './{log}'; {words.missed(log, STREAMS)}"
        return Checked(complaints=(Complaint(("log",), text),))
    checked = check(LogFile, {"log": log}, folder)
    return Checked(value=str(checked.value.log)) if checked.value else checked


def complete(settings: FactorySettings, log: str) -> FactorySettings:
    """The settings with what they leave out."""
    state = settings.state or default_folder(settings.id)
    logs = settings.logs or state / "logs"
    return settings.model_copy(update={"state": state, "logs": logs, "log": log})
