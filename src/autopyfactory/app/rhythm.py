"""The rhythm of a queue's cycles, as far as somebody waits for the next one."""

from autopyfactory.cycle import Queue
from autopyfactory.turns import find_phase


def seconds_to_turn(queue: Queue, wall: float) -> float:
    """Seconds from `wall` to the next turn."""
    return (find_phase(queue.name, queue.interval) - wall) % queue.interval


def say_duration(seconds: float) -> str:
    """A time to wait, as people say it: '40s', '4m', '1h 20m'."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f}s"
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h {minutes % 60}m"
