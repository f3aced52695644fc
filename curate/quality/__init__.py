"""How good pictures are and which of them are the same: pictures and arrays in, measures in [0, 1] out; no database."""
