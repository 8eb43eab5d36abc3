"""What every option model and every supply must keep."""

import time

import pytest
from pydantic import ValidationError

from autopyfactory.model import Ended, Need, Supply
from autopyfactory.options import Options


def check_options(options: Options) -> None:
    """Options can be shared as keys, cannot be changed, and know all their names."""
    written = options.model_dump()
    same = type(options).model_validate(written)
    assert same == options
    assert hash(same) == hash(options)
    with pytest.raises(ValidationError, match="no_such_key"):
        type(options).model_validate({**written, "no_such_key": 1})
    for name in written:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(options, name, None)


def is_count(number: object) -> bool:
    """A whole number that is not negative, and no bool."""
    return type(number) is int and number >= 0


def check_supply(supply: Supply, gives: frozenset[Need]) -> None:
    """A supply holds counts, and of the parts that not every target knows those that it gives."""
    assert type(supply) is Supply
    assert is_count(supply.pending)
    assert is_count(supply.running)
    assert is_count(supply.held)
    assert is_count(supply.retiring)
    assert supply.uncertain == 0
    assert (supply.idle is not None) == (Need.IDLE in gives)
    assert (supply.lifetime is not None) == (Need.LIFETIME in gives)
    assert Need.ENDED in gives or supply.ended == ()
    assert Need.ENDED not in gives or supply.clock > 0
    assert 0 <= (supply.idle or 0) <= supply.running
    ended = supply.ended or ()
    assert all(type(record) is Ended and record.run_time >= 0 for record in ended)
    assert [record.end for record in ended] == sorted(record.end for record in ended)
    assert len(supply.starts) <= supply.running
    assert all(start <= time.monotonic() for start in supply.starts)
    assert 0 <= supply.as_of <= time.monotonic()
