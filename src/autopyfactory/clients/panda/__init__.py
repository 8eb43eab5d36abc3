"""PanDA, spoken to in its own words."""
