"""Renewal before an act: what a command that acts without a daemon does for credentials, once."""

import time
from collections.abc import Iterator

from autopyfactory.cycle import Queue
from autopyfactory.factory import join
from autopyfactory.proofs import Proofs
from autopyfactory.worker import start_thread

PATIENCE = 150.0  # seconds for all of them together; what is not done by then goes on, and the old ones serve


def renew(queue: Queue, patience: float = PATIENCE) -> None:
    """Renew what a cycle of this queue may use, where it is time: of its pilots, its source, its target.

    What fails is logged, as in the daemon.  Raises `Unavailable` when the system has no threads for it.
    """
    threads = [
        start_thread(f"renewal of {credential.title}", credential.renew, stack=0)
        for credential in used(queue)
    ]
    join(threads, time.monotonic() + patience)


def used(queue: Queue) -> list[Proofs]:
    """The credentials of a queue, each once."""
    return list(dict.fromkeys(find(queue)))


def find(queue: Queue) -> Iterator[Proofs]:
    """The credentials of a queue, as its parts name them."""
    yield from queue.credentials
    for section in (queue.source, queue.target):
        yield from (one for one in section.credentials if isinstance(one, Proofs))
