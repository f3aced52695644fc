"""Measured side by side; each module is run as `python -m benchmarks.NAME [--quick]` and ends with one JSON object."""
