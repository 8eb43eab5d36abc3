"""`apf render`: exactly what a target would be sent for a queue, without sending it."""

import sys
from collections.abc import Mapping
from pathlib import Path

from autopyfactory.app.commands.once import close, find
from autopyfactory.app.commands.output import emit
from autopyfactory.app.engine import Engine
from autopyfactory.cycle import Queue
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import CredentialType, Order
from autopyfactory.proofs import prove

TAG = "TAG"  # stands where a submission has its own


def render(config: Path, name: str, count: int, *, as_json: bool) -> int:
    """Print the submission of `count` pilots, 1 if it would fail; asks nobody and needs no lock."""
    engine = Engine.build(config)
    try:
        queue = find(engine, name)
        target = queue.target
        show = getattr(target.plugin, "render", None)
        if show is None:
            raise ConfigError(f"queue '{name}': target '{target.name}' cannot show what it would submit")
        credentials, fault = find_credentials(queue)
        order = Order(queue=name, pilot=queue.pilot, count=count, tag=TAG, credentials=credentials)
        text: str = show(order)
    finally:
        close(engine.plan)
    if as_json:
        emit({"queue": name, "target": target.name, "count": count, "text": text, "error": fault or None})
    else:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stderr.write(f"nothing would be submitted: {fault}\n" if fault else "")
    return 1 if fault else 0


def find_credentials(queue: Queue) -> tuple[Mapping[CredentialType, Path], str]:
    """The files that pilots would carry now, or why there would be none."""
    try:
        return prove(queue.credentials), ""
    except Unavailable as error:
        return {}, str(error)
