"""Giving labels to images that have none: which come next, in which order, and what is suggested for them."""
