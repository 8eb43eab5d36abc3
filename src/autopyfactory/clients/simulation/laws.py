"""The laws of a simulated batch system: what its pilots may expect."""

from datetime import timedelta

from autopyfactory.clients.simulation.chance import Share, Spread
from autopyfactory.clients.simulation.spells import BlackHole, Spell
from autopyfactory.options import Count, Duration, Flag, Options


class Laws(Options):
    """How the simulated batch system behaves."""

    slots: Count = 100
    """Pilots that run at once, of all queues and factories."""
    queue_delay: Spread = Spread(mean=timedelta(seconds=10))
    """How long a pilot waits before it may take a slot."""
    run_time: Spread = Spread(mean=timedelta(minutes=5))
    """How long a pilot runs; one that takes jobs takes no further one when so long has passed."""
    idle_exit: Duration = timedelta(minutes=5)
    """How long a pilot that takes jobs waits for one before it ends."""
    failures: Share = 0.0
    """Share of pilots that fail somewhere in their run time."""
    holds: Share = 0.0
    """Share of pilots that are held when they should run."""
    held_for: Duration | None = None
    """How long they are held, and then gone; unset: until they are retired."""
    preemption: Spread | None = None
    """After what run time the slot is taken away; unset: never."""
    black_holes: tuple[BlackHole, ...] = ()
    """When pilots that begin to run die at once."""
    retire_running: Flag = False
    """Whether running pilots may be retired from their jobs, too; those that wait for one always may."""
    closed: tuple[Spell, ...] = ()
    """When no pilot begins to run."""
