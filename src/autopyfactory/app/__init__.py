"""The application: finds plug-ins, assembles a plan, talks to operators."""
