"""Failed submissions: from the words of the bindings follows what the factory does."""

import htcondor2
import pytest

from autopyfactory.clients.condor.refusal import refusal
from autopyfactory.errors import Rejected, Unavailable


@pytest.mark.parametrize(
    ("text", "kind", "untouched", "words"),
    [
        (
            "Failed to create job ad, errmsg=Submit:-1:No 'foo' universe.",
            Rejected,
            None,
            "No 'foo' universe.",
        ),
        ("Failed to create job ad, errmsg=", Rejected, None, "makes no job of this pilot."),
        ("Failed to connect to schedd, errmsg=CEDAR:6001:Refused", Unavailable, True, "Refused"),
        ("expected next ProcId to be 5, but Schedd says -2", Rejected, None, "MAX_JOBS_SUBMITTED"),
        ("expected next ProcId to be 5, but Schedd says -3", Rejected, None, "MAX_JOBS_PER_OWNER"),
        ("expected next ProcId to be 5, but Schedd says -4", Rejected, None, "MAX_JOBS_PER_SUBMISSION"),
        ("expected next ProcId to be 5, but Schedd says -9", Rejected, None, "refuses more jobs"),
        (
            "expected next ProcId to be 5, but Schedd says -1",
            Unavailable,
            True,
            "broke off before the commit",
        ),
        ("Failed to send submit digest (late)", Unavailable, True, "SCHEDD_ALLOW_LATE_MATERIALIZE"),
        ("Unable to commit transaction, SCHEDD:2:Not permitted", Rejected, None, "Not permitted"),
        (
            "Failed to create new cluster.SCHEDD:13:Cannot allocate a cluster id",
            Rejected,
            None,
            "a name that owns no jobs",
        ),
        ("Unable to commit transaction", Unavailable, False, "Unable to commit"),
        ("something new", Unavailable, False, "something new"),
    ],
)
def test_a_failed_submission_is_refused_undone_or_uncertain(
    text: str, kind: type[Exception], untouched: bool | None, words: str
) -> None:
    found = refusal(htcondor2.HTCondorException(text))
    assert type(found) is kind
    assert words in str(found)
    assert getattr(found, "untouched", None) == untouched


def test_a_description_that_the_bindings_do_not_take_is_refused() -> None:
    assert isinstance(refusal(ValueError("bad key")), Rejected)
