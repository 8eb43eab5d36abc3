"""Monitors: who wants to know of every cycle."""
