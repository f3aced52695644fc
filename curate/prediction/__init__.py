"""Trained models put to use: a process of its own that holds them, and the client that asks it."""
