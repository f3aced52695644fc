"""The parts of the Gather page."""
