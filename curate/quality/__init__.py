"""Picture quality and groups of equal pictures: pictures and arrays in, measures in [0, 1] out; no database."""
