"""Catalogues in a configuration: their documents on disk, what is believed of them, and their queues."""
