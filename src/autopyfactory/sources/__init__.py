"""Work sources: who knows the waiting work."""
