"""Replays: what was recorded, decided anew by other policies."""
