"""What a failed submission means, in the words of the bindings and of the schedd."""

import htcondor2

from autopyfactory.clients.condor.pool import sentence
from autopyfactory.errors import Rejected, Unavailable

NO_OWNER = "Cannot allocate a cluster id"  # how a schedd says that whoever came may own no jobs
WORDLESS = "Failed to create job ad, errmsg="  # why, it prints
NO_LATE = (
    "the schedd takes no late materialization: ask for SCHEDD_ALLOW_LATE_MATERIALIZE, or take max_idle away"
)
REASONS = {  # how a schedd says that it takes no more: "expected next ProcId to be 7, but Schedd says -3"
    -2: "the schedd takes no more jobs (MAX_JOBS_SUBMITTED)",
    -3: "the schedd takes no more jobs of this owner (MAX_JOBS_PER_OWNER)",
    -4: "the schedd takes no submission of that many jobs (MAX_JOBS_PER_SUBMISSION)",
}


def refusal(error: Exception) -> Rejected | Unavailable:
    """What a failed submission means: all that fails before the commit has left nothing behind."""
    text = str(error)
    if not isinstance(error, htcondor2.HTCondorException) or text.startswith("Failed to create job ad"):
        words = "HTCondor makes no job of this pilot." if text == WORDLESS else sentence(error)
        return Rejected(words.removeprefix("Submit:-1:"))
    if text.startswith("Failed to connect"):
        return Unavailable(sentence(error), untouched=True)
    if text.startswith("expected next ProcId"):
        code = int(text.rpartition(" ")[2])
        if code < -1:
            return Rejected(REASONS.get(code, f"the schedd refuses more jobs ({text})"))
        return Unavailable(f"the schedd broke off before the commit ({text})", untouched=True)
    if text.startswith("Failed to send submit digest"):
        return Unavailable(f"{NO_LATE} ({text})", untouched=True)
    if NO_OWNER in text:
        return Rejected("the schedd knows us by a name that owns no jobs: come by a token or a certificate")
    if "SCHEDD:" in text:
        return Rejected(sentence(error))
    return Unavailable(sentence(error))
