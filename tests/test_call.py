"""A call has its time from when it begins, or, in a row, from when one in front of it is over."""

import threading

import pytest

from autopyfactory import call as module
from autopyfactory.call import Call, Series
from autopyfactory.errors import Unavailable


def begun(series: Series | None = None) -> Call[int]:
    """A call that has begun."""
    call = Call("the call", lambda: 7, series=series)
    assert call.begin()
    return call


def test_the_time_of_a_call_in_a_row_counts_from_when_one_in_front_is_over(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.0)
    call = begun(lambda calls: None)
    for seconds, step in ((0.5, call.proceed), (1.2, lambda: call.end(call.run))):
        threading.Timer(seconds, step).start()
    assert call.wait(1.0) == 7


def test_who_waits_for_a_call_in_a_row_hears_what_the_row_says_a_little_later():
    row, single = begun(lambda calls: None), begun()
    for call in (row, single):
        threading.Timer(0.4, lambda call=call: call.end(call.run)).start()
    with pytest.raises(Unavailable, match=r"did not end within 0\.1 s"):
        single.wait(0.1)
    assert row.wait(0.1) == 7
