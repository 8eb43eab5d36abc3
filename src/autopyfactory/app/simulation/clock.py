"""Where virtual time begins."""

START = 1893456000.0  # 2030-01-01 00:00 UTC, by the monotonic clock, the wall clock and every target's clock
