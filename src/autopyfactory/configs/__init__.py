"""Configuration sources: where configuration lives."""
