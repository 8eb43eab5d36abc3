"""Rules: one pure rule a file, from a count and an observation to a count."""
