"""Spooled jobs: what their submit description holds beside the pilot's own."""

from datetime import timedelta

import pytest

from autopyfactory.clients.condor.spool import spooled

DAY = timedelta(days=1)
STAY = (
    "JobStatus == 4 && StageOutFinish =?= undefined && APF_OUTPUT =?= undefined"
    " && time() - EnteredCurrentStatus < 86400"
)


def test_a_completed_job_stays_until_its_output_is_fetched_or_too_old() -> None:
    assert spooled({"executable": "/bin/true"}, DAY) == {
        "executable": "/bin/true",
        "leave_in_queue": STAY,
        "should_transfer_files": "YES",
    }


def test_the_operator_keeps_the_last_word() -> None:
    theirs = {"Leave_In_Queue": "true", "SHOULD_TRANSFER_FILES": "NO"}
    assert spooled(theirs, DAY) == theirs


@pytest.mark.parametrize("inputs", ["", "/data/a.txt"])
@pytest.mark.parametrize("resource", [None, "condor ce.example.org ce.example.org:9619"])
def test_a_token_goes_along_as_one_more_input(resource: str | None, inputs: str) -> None:
    commands = {"scitokens_file": "/secret/north.token", "use_scitokens": "true"}
    commands |= {"grid_resource": resource} if resource else {}
    commands |= {"transfer_input_files": inputs} if inputs else {}
    found = spooled(commands, DAY)
    assert "scitokens_file" not in found
    assert "use_scitokens" not in found
    assert found["transfer_input_files"] == ", ".join([*filter(None, [inputs]), "/secret/north.token"])
    assert found["+ScitokensFile"] == 'strcat(MY.Iwd, "/north.token")'


def test_the_token_of_an_arc_ce_is_a_file_at_the_schedd() -> None:
    commands = {"scitokens_file": "/there/token", "Grid_Resource": "arc https://ce.example.org"}
    found = spooled(commands, DAY)
    assert found["scitokens_file"] == "/there/token"
    assert "transfer_input_files" not in found
