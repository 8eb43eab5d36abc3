"""The history: every report of a factory in one file, written by a monitor and read by commands."""
