"""From the tables of a configuration to a plan, with every problem at its place."""
