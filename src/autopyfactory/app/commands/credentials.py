"""`apf credentials`: what each credential is, for whom it speaks, and until when."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autopyfactory.app.commands.once import close
from autopyfactory.app.commands.output import emit, say, table
from autopyfactory.app.engine import Engine
from autopyfactory.errors import Unavailable
from autopyfactory.proofs import Proofs, find_end, find_fault, write_end

COLUMNS = ("credential", "type", "for", "until", "state")


def show_credentials(config: Path, *, as_json: bool) -> int:
    """List the credentials of a configuration; 1 when one cannot be used, 2 when one is wrong."""
    engine = Engine.build(config)
    try:
        found = [describe(credential) for credential in engine.plan.credentials.values()]
    finally:
        close(engine.plan)
    wrong = [str(problem) for problem in engine.problems if problem.section.startswith("credential")]
    if as_json:
        emit({"credentials": found, "problems": wrong})
    else:
        table(COLUMNS, [row(one) for one in found])
        for problem in wrong:
            say(problem, "red")
    if wrong:
        return 2
    return 1 if any(one["error"] for one in found) else 0


def describe(credential: Proofs) -> dict[str, Any]:
    """What is known of it; `error` says why it cannot be used, `warning` what of it ends soon."""
    facts = {"credential": credential.name, "type": credential.type}
    unknown = dict.fromkeys(("subject", "until", "path", "error", "warning"))
    try:
        proof = credential.look()
    except Unavailable as error:
        return {**facts, **unknown, "error": str(error).removeprefix(f"{credential.title}: ")}
    now = time.time()
    return {
        **facts,
        "subject": proof.subject,
        "until": write_end(proof.end),
        "path": str(proof.path),
        "error": find_fault(proof, now, credential.options.minimum) or None,
        "warning": find_end(proof, now, credential.options.warn) or None,
    }


def row(one: Mapping[str, Any]) -> tuple[str, ...]:
    """A credential as a row of the table."""
    state = one["error"] or one["warning"] or f"valid: {one['path']}"
    return (one["credential"], one["type"], one["subject"] or "", one["until"] or "", state)
