"""The refresher calls again and again, in a thread of its own."""

import threading

from autopyfactory.app.refresher import Refresher
from autopyfactory.testing import until


def test_it_calls_after_every_pause_until_it_is_stopped() -> None:
    calls: list[str] = []
    refresher = Refresher(lambda: calls.append(threading.current_thread().name), lambda: 0.01)
    refresher.start()
    assert until(lambda: len(calls) >= 3)
    refresher.stop()
    assert threading.current_thread().name not in calls


def test_it_waits_before_the_first_call() -> None:
    calls: list[int] = []
    refresher = Refresher(lambda: calls.append(1), lambda: 3600.0)
    refresher.start()
    refresher.stop()
    assert until(lambda: not any(one.name.startswith("the refresher") for one in threading.enumerate()))
    assert calls == []
