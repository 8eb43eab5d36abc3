"""A simulated batch system in a process of its own."""
