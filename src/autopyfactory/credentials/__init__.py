"""What proves who we are, and expires: one plug-in per file."""
