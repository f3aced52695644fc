"""Predictions of a model from elsewhere: read from a file or a pandas frame, and matched with a project's images."""
