"""A batch system for one machine: a job queue, and pilots that are processes of their own."""
