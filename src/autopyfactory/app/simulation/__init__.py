"""Scenarios: the real core and real policies in a simulated world, on a virtual clock."""
