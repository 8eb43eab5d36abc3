"""The time that a plug-in gives its own calls, so that it is done before its section's deadline."""

from datetime import timedelta


def allow(timeout: timedelta) -> float:
    """Seconds: `timeout` less a second, or less a tenth of it where that is shorter."""
    seconds = timeout.total_seconds()
    return max(seconds - 1.0, seconds * 0.9)
