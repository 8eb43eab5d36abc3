"""Targets: where pilots run."""
