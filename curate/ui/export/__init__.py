"""The Export page: what leaves, how it is doing, and what has left before."""
