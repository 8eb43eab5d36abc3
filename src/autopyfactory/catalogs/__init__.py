"""Catalogues: who knows the queues that there are."""
