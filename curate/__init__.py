"""Curate: train an image classifier first, then clean the labels it found hard, and see what the cleaning was worth.

Dimension letters used in every docstring: N images, C labels, D features, E epochs, B bootstrap samples.
"""

__version__ = "0.1.0"
