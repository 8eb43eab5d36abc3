"""Clients of foreign systems, without our words, shared by sources and targets."""
