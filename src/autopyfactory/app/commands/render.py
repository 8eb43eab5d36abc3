"""`apf render`: exactly what a target would be sent for a queue, without sending it."""

import sys
from pathlib import Path

from autopyfactory.app.commands.once import close, find
from autopyfactory.app.commands.output import emit
from autopyfactory.app.engine import Engine
from autopyfactory.errors import ConfigError
from autopyfactory.model import Order
from autopyfactory.proofs import prove

TAG = "TAG"  # stands where a submission has its own


def render(config: Path, name: str, count: int, *, as_json: bool) -> int:
    """Print the submission of `count` pilots; asks nobody and needs no lock."""
    engine = Engine.build(config)
    try:
        queue = find(engine, name)
        target = queue.target
        show = getattr(target.plugin, "render", None)
        if show is None:
            raise ConfigError(f"queue '{name}': target '{target.name}' cannot show what it would submit")
        credentials = prove(queue.credentials)
        order = Order(queue=name, pilot=queue.pilot, count=count, tag=TAG, credentials=credentials)
        text: str = show(order)
    finally:
        close(engine.plan)
    if as_json:
        emit({"queue": name, "target": target.name, "count": count, "text": text})
    else:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    return 0
