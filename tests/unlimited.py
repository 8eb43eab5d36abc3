"""What a guard saw of a target that has no limits, for tests that change one."""

from autopyfactory.view import Account

FREE = Account(
    place="ce01",
    pilots=100,
    max_pilots=None,
    per_minute=None,
    tokens=0,
    fair=0,
    waiting=0,
    retire_share=None,
    retire_least=0,
    retired=0,
    retire_period=3600.0,
)
