"""The logs of pilots, and how long they are kept."""
