"""What a job has to say for itself at a schedd that shares no disk with us: its files are spooled there."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import PurePath

from autopyfactory.clients.condor.words import canonical, string

AGE = "time() - EnteredCurrentStatus"
OUTPUT = "APF_OUTPUT"  # the attribute by which we give the output of a job up, and why
HOLD_REASON = "HoldReasonCode"
SPOOLING = 16  # HoldReasonCode of a job whose files are on their way
# the schedd itself sets StageOutFinish when all files of a completed job have arrived here
UNFETCHED = f"StageOutFinish =?= undefined && {OUTPUT} =?= undefined"


def spooled(commands: Mapping[str, str], kept: timedelta) -> dict[str, str]:
    """The same submit description for a job whose files are spooled.

    A completed job stays until its output is fetched, for `kept` at most: a rule that the schedd itself
    follows.
    """
    names = {canonical(name): name for name in commands}
    found = dict(commands)
    if "leave_in_queue" not in names:
        span = round(kept.total_seconds())
        found["leave_in_queue"] = f"JobStatus == 4 && {UNFETCHED} && {AGE} < {span}"
    if "should_transfer_files" not in names:
        found["should_transfer_files"] = "YES"
    return found | token(found, names)


def token(commands: dict[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """HTCondor spools a proxy by itself, but no token: it goes along as one more input.

    Takes what it replaces out of `commands`.  ARC is different: HTCondor evaluates nothing for it, so
    its token stays the path of a file on the schedd's machine.
    """
    file = names.get("scitokens_file")
    resource = commands.get(names.get("grid_resource", ""), "").strip().lower()
    if file is None or resource.startswith("arc"):
        return {}
    path = commands.pop(file)
    commands.pop(names.get("use_scitokens", ""), None)
    inputs = names.get("transfer_input_files", "transfer_input_files")
    files = [*filter(None, [commands.get(inputs, "")]), path]
    return {
        inputs: ", ".join(files),
        "+ScitokensFile": f"strcat(MY.Iwd, {string('/' + PurePath(path).name)})",
    }
