"""The parts of the Duplicates page."""
